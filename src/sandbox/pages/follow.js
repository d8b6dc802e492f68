const { visit } = document.querySelector("[data-visit]").dataset;
const state = document.getElementById("state");
async function ask() {
  try {
    const answer = await (await fetch(`?visit=${visit}&ask`, { cache: "no-store" })).json();
    if (answer.over) {
      location.replace(`?visit=${visit}`);
      return;
    }
    if (state.textContent !== answer.text) state.textContent = answer.text;
  } catch {
    // The sandbox may come back.
  }
  setTimeout(ask, 1000);
}
ask();
