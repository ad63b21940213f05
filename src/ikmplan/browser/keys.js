// Keys belong to the control that has the focus. JupyterLab has commands on Enter, on arrows and
// on single letters ("x" cuts the cell); of its keys only the one that saves gets through.

const saves = (event) => (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";

function keepKeys(event) {
  if (!saves(event)) event.stopPropagation();
}
