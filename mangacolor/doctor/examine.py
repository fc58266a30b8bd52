"""Whether colouring works on this machine, and on which device: tried, not looked up."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from mangacolor.bundle import Bundle, read_bundle
from mangacolor.config import Runtime
from mangacolor.doctor.findings import Check, Findings, State
from mangacolor.doctor.selftest import ColorChapter, color_a_page
from mangacolor.errors import MangacolorError, SetupError
from mangacolor.runtime.machine import find_gpus, find_libraries, find_runtimes, find_torch
from mangacolor.version import __version__

__all__ = ["examine"]

_INSTALL = "Install it again: `pip install --force-reinstall onnxruntime-gpu`."


def examine(
    asked: Runtime,
    model: Path,
    color_chapter: ColorChapter,
    tell: Callable[[Check], None] = lambda check: None,
) -> Findings:
    """Looks at everything that colouring needs, and colours one small page.

    Nothing that is found wrong is raised; it is in the findings.

    Args:
        asked: `auto` asks that some device works.
        model: an exported bundle's folder.
        color_chapter: what `batch` does.
        tell: called with each check when it is done.
    """
    checks: list[Check] = []

    def note(check: Check) -> Check:
        checks.append(check)
        tell(check)
        return check

    note(_check_python())
    note(Check("mangacolor", "ok", __version__, facts={"version": __version__}))
    packages = find_runtimes()
    runtime = _import_runtime()
    note(_check_runtime(packages, runtime))
    gpu = note(_check_gpu())
    crashed: list[str] = []
    if isinstance(runtime, ModuleType):
        for check in _check_providers(runtime, asked, packages, bool(gpu.facts["gpus"])):
            note(check)
            if check.facts.get("crashed"):
                crashed.append(check.facts["provider"])
    note(_check_torch())
    bundle, check = _check_model(model)
    note(check)
    device = None
    if isinstance(runtime, ModuleType) and bundle is not None:
        device, check = _check_page(asked, bundle, crashed, color_chapter)
        note(check)
    return Findings(asked, device, tuple(checks))


def _check_python() -> Check:
    version, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    return Check(
        "Python", "ok", f"{version}, {system}", facts={"version": version, "system": system}
    )


def _import_runtime() -> ModuleType | Exception:
    """`onnxruntime`, or why it cannot be imported; a package half removed gives anything."""
    try:
        import onnxruntime

        # What is left of a package that was removed is still a folder of that name.
        onnxruntime.InferenceSession  # noqa: B018
    except Exception as error:
        return error
    return onnxruntime


def _check_runtime(packages: dict[str, str], runtime: ModuleType | Exception) -> Check:
    name, facts = "ONNX Runtime", {"packages": packages}
    found = ", ".join(f"{package} {version}" for package, version in packages.items())
    if isinstance(runtime, Exception):
        message = f"onnxruntime cannot be imported: {runtime}."
        hint = _repair(packages, _kept(packages)) if len(packages) > 1 else _INSTALL
        error = SetupError(message, hint)
        return Check(name, "problem", f"{found or 'not installed'}; {message}", hint, facts, error)
    if len(packages) > 1:
        return Check(
            name,
            "problem",
            f"{found}: they overwrite each other's files; the CPU's win, and CUDA vanishes",
            _repair(packages, _kept(packages)),
            facts,
        )
    return Check(name, "ok", found or f"{runtime.__version__}, installed by hand", facts=facts)


def _kept(packages: dict[str, str]) -> str:
    return "onnxruntime-gpu" if "onnxruntime-gpu" in packages else next(iter(packages))


def _repair(packages: dict[str, str], keep: str) -> str:
    return f"Run `pip uninstall -y {' '.join(packages)}`, then `pip install {keep}`."


def _check_gpu() -> Check:
    gpus, why = find_gpus()
    facts = {"gpus": [dataclasses.asdict(gpu) for gpu in gpus]}
    found = "; ".join(f"{gpu.name}, {gpu.memory}, driver {gpu.driver}" for gpu in gpus)
    return Check("GPU", "ok" if gpus else "not there", found or why, facts=facts)


def _check_providers(
    runtime: ModuleType, asked: Runtime, packages: dict[str, str], gpu: bool
) -> list[Check]:
    """Every provider that is listed, tried; the engine's are looked at even if they are not."""
    from mangacolor.runtime.probe import Tried, try_apart
    from mangacolor.runtime.providers import (
        CPU,
        CUDA,
        PROVIDERS,
        preload_cuda,
        quieten,
        why_not,
        why_not_cuda,
    )

    quieten()
    preload_cuda()
    listed = runtime.get_available_providers()
    # Where there is no GPU, nothing is wrong with CUDA; other providers the engine does not take.
    wanted = PROVIDERS.get(asked, CPU)
    needed = {CPU, wanted, *([CUDA] if gpu and asked == "auto" else [])}
    checks = []
    for provider in dict.fromkeys((CPU, CUDA, wanted, *listed)):
        name = f"{provider.removesuffix('ExecutionProvider')} provider"
        if provider not in listed:
            tried = Tried("this onnxruntime is built without it")
        else:
            tried = Tried(why_not(provider)) if provider == CPU else try_apart(provider)
        why = tried.why
        if why and provider == CUDA and provider in listed and not tried.crashed:
            # ONNX Runtime does not say what it lacks.
            why = f"{why}: {why_not_cuda()}"
        facts = {
            "provider": provider,
            "listed": provider in listed,
            "runs": not why,
            "crashed": tried.crashed,
        }
        if not why:
            checks.append(Check(name, "ok", "runs", facts=facts))
        elif provider not in needed:
            checks.append(Check(name, "not there", why, facts=facts))
        else:
            hint = _provider_hint(provider, provider in listed, packages)
            message = f"{asked} was asked for and does not work: {why}."
            error = SetupError(message, hint) if asked != "auto" and provider == wanted else None
            checks.append(Check(name, "problem", why, hint, facts, error))
    return [*checks, _check_libraries(runtime, CUDA in needed)]


def _provider_hint(provider: str, listed: bool, packages: dict[str, str]) -> str:
    from mangacolor.runtime.providers import CUDA, INSTALL, PROVIDERS

    if provider == CUDA and packages and not listed:
        return _repair(packages, "onnxruntime-gpu")
    device = next(name for name, known in PROVIDERS.items() if known == provider)
    return INSTALL.get(device, _INSTALL)


def _check_libraries(runtime: ModuleType, wanted: bool) -> Check:
    built = getattr(runtime, "cuda_version", "") or ""
    if not built:
        return Check("CUDA", "not there", "this onnxruntime is built without it", facts={})
    found = find_libraries(built)
    words = [f"{name} {version or 'not found'}" for name, version in found.items()]
    state: State = "ok" if all(found.values()) else "problem" if wanted else "not there"
    facts = {"built_for": built, "libraries": found}
    return Check("CUDA", state, f"{', '.join(words)} (built for CUDA {built})", facts=facts)


def _check_torch() -> Check:
    torch = find_torch()
    if torch is None:
        return Check("torch", "not there", "only training needs it", facts={"version": None})
    facts = {"version": torch.version, "cuda": torch.cuda or None}
    words = f"built for CUDA {torch.cuda}" if torch.cuda else "built for the CPU"
    return Check("torch", "ok", f"{torch.version}, {words}", facts=facts)


def _check_model(model: Path) -> tuple[Bundle | None, Check]:
    try:
        bundle = read_bundle(model)
    except MangacolorError as error:
        return None, Check("model", "problem", error.message, error.hint, error=error)
    facts = {"style": bundle.style, "format": bundle.format, "files": bundle.files}
    there = [name for name in bundle.files if (bundle.folder / name).exists()]
    words = f"{model.name}: its {len(there)} files are those that were exported"
    if len(there) < len(bundle.files):
        gone = ", ".join(name for name in bundle.files if name not in there)
        words += f"; {gone} is not there, which only training needs"
    return bundle, Check("model", "ok", words, facts=facts)


def _check_page(
    asked: Runtime, bundle: Bundle, crashed: Sequence[str], color_chapter: ColorChapter
) -> tuple[str | None, Check]:
    from mangacolor.runtime.providers import AUTO, PROVIDERS

    taken: tuple[Runtime, ...] = AUTO if asked == "auto" else (asked,)
    for name in taken:
        if PROVIDERS[name] in crashed:
            message = f"{name} crashes the process that uses it, and {asked} would take it."
            hint = "Update the driver and ONNX Runtime; until then, run with --device cpu."
            error = SetupError(message, hint)
            return None, Check("self-test", "problem", message, hint, error=error)
    try:
        device, seconds = color_a_page(bundle.folder, asked, color_chapter)
    except MangacolorError as error:
        return None, Check("self-test", "problem", error.message, error.hint, error=error)
    facts = {"device": device, "seconds": round(seconds, 3)}
    return device, Check(
        "self-test", "ok", f"a small page on {device} in {seconds:.2f} s", facts=facts
    )
