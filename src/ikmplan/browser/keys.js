// Keys belong to the control that has the focus. JupyterLab has commands on Enter, on arrows and
// on single letters ("x" cuts the cell); of its keys only the one that saves gets through.

function keepKeys(event) {
  const saves = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
  if (!saves) event.stopPropagation();
}
