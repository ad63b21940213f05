// Beside the ordinary widgets of the controls, and not seen: JupyterLab leaves the keys to the
// widgets of this notebook, and each slider has a name that screen readers say.

function render({ model, el }) {
  el.style.display = "none";
  const nameSliders = () => {
    const box = el.closest(".ikmplan-controls");
    for (const handle of box?.querySelectorAll(".noUi-handle") ?? []) {
      const row = handle.closest(".ikmplan-field");
      const label = row?.querySelector("label")?.textContent ?? "";
      handle.setAttribute("aria-label", label);
      const words = row?.querySelector(".ikmplan-words")?.textContent ?? "";
      handle.setAttribute("aria-valuetext", words);
    }
  };
  const inWidget = (event) => {
    if (event.target.closest(".jp-OutputArea-output .jupyter-widgets")) keepKeys(event);
  };
  let book = null;
  const watched = new MutationObserver(nameSliders);
  const began = setTimeout(() => {
    const box = el.closest(".ikmplan-controls");
    book = el.closest(".jp-Notebook") ?? box;
    book?.addEventListener("keydown", inWidget);
    if (box) watched.observe(box, { childList: true, subtree: true, characterData: true });
    nameSliders();
  });
  return () => {
    clearTimeout(began);
    watched.disconnect();
    book?.removeEventListener("keydown", inWidget);
  };
}

export default { render };
