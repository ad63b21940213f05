// Keys belong to the control that has the focus. JupyterLab has commands on Enter, on arrows and
// on single letters ("x" cuts the cell); of its keys only the one that saves gets through. A key
// that a control does not use does not scroll the notebook, so the control stays in view.

const CONTROLS = "input, select, button, summary, a, [role=button], [role=slider], [role=tab]";
const LIST = "select[size], select[multiple]";
const SCROLLING = [" ", "Home", "End", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];
const PAGES = ["PageUp", "PageDown"]; // outside of a list they scroll, as they are meant to

const saves = (event) => (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";

function keepKeys(event) {
  if (!saves(event)) event.stopPropagation();
}

// In Voilà the page itself is what scrolls: there a browser's keys keep their meaning.
function holdScroll(event) {
  const { target, key } = event, list = target.matches(LIST);
  if (!target.matches(CONTROLS) || event.altKey || "voila" in document.body.dataset) return;
  if (!SCROLLING.includes(key) && !(list && PAGES.includes(key))) return;
  if (list ? !moves(target, key) : !uses(target, key)) event.preventDefault();
}

function uses(control, key) {
  if (control.matches("[type=range], [role=slider]")) return key !== " ";
  if (control.matches("select, input:not([type=checkbox], [type=file])")) return true;
  return key === " "; // is a press
}

function moves(list, key) { // whether a key can move the choice of a list
  const chosen = list.selectedIndex, last = list.options.length - 1;
  if (["Home", "PageUp", "ArrowUp"].includes(key)) return chosen > 0 || (chosen < 0 && last >= 0);
  if (key === " ") return last >= 0; // of a name that is typed
  return ["End", "PageDown", "ArrowDown"].includes(key) && chosen < last;
}
