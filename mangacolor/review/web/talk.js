// What all of the page knows, what the program is asked, and what a person is told.
export const $ = (id) => document.getElementById(id);
export const now = {
  state: null, number: -1, seen: "", areas: new Map(), scope: "this", tool: "pick", tab: "pages",
  references: [], cast: [], color: null, before: false, figure: null, circle: null, loading: 0, pipette: false,
  width: 0, began: 0,
};

export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try { answer = await fetch(path, options); } catch {
    throw new Error("The program has ended. What you did is kept; start it again to go on.");
  }
  if (!answer.ok) {
    const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
    throw new Error(told?.error || await answer.text?.() || answer.statusText);
  }
  return answer;
}
export const get = async (path, body) => (await ask(path, body)).json();

let timer = 0;
export function toast(words) {
  $("toast").textContent = words; $("toast").hidden = false;
  clearTimeout(timer); timer = setTimeout(() => { $("toast").hidden = true; }, 6000);
}
export const guarded = (work) => async (...values) => {
  try { return await work(...values); } catch (error) { toast(error.message); return null; }
};

export const tip = (words) => { $("tip").textContent = words; };
// What is to be done next; a narrow screen has no line for it.
export function say(words) {
  tip(words);
  if (words && !$("tip").offsetHeight) toast(words);
}
