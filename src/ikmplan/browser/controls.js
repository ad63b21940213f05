// Beside the ordinary widgets of the controls: JupyterLab leaves the keys to the widgets of this
// notebook, each slider has a name for screen readers, the keyboard opens what is folded, a
// kernel that is lost is reported, and the last move is kept until a kernel answers it.

const TITLE = ".jupyter-widget-Collapse-header"; // of what is folded
const LAST = "ikmplan-controls"; // in the storage: the key of the last work, to be offered again

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
  const markTitles = () => {
    const box = el.closest(".ikmplan-controls");
    for (const title of box?.querySelectorAll(TITLE) ?? []) {
      title.tabIndex = 0;
      title.setAttribute("role", "button");
      const open = title.parentElement.classList.contains("jupyter-widget-Collapse-open");
      title.setAttribute("aria-expanded", open);
    }
  };
  const openTitle = (event) => {
    if (!event.target.matches(TITLE) || ![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    event.target.click();
  };
  const improve = () => { nameSliders(); markTitles(); };
  const inWidget = (event) => {
    if (event.target.closest(".jp-OutputArea-output .jupyter-widgets")) keepKeys(event);
  };
  // ipywidgets keep every key from JupyterLab; the one that saves is given to the notebook
  const saveAll = (event) => {
    if (!saves(event) || !event.target.closest(".jupyter-widgets")) return;
    event.preventDefault();
    event.stopPropagation();
    book.dispatchEvent(new KeyboardEvent(event.type, event));
  };
  const showLost = (lost) => {
    el.style.display = lost ? "" : "none";
    el.innerHTML = "";
    if (!lost) return;
    const sentence = document.createElement("p");
    sentence.className = "ikmplan-lost";
    sentence.setAttribute("role", "alert");
    sentence.textContent = model.get("lost");
    el.append(sentence);
  };
  const line = watchLine(model, showLost, () => line.ask({ do: "hello" }));
  const keep = () => storeLast(model.get("key"));
  model.on("change:key", keep);
  let watchedFields = []; // [model of a field's widget, what is called when it changes]
  const leaveFields = () => {
    for (const [field, moved] of watchedFields.splice(0)) field.off("change:value", moved);
  };
  const watchFields = () => {
    leaveFields();
    for (const [id, [what, name]] of Object.entries(model.get("fields")))
      model.widget_manager.get_model(id).then((field) => {
        const moved = (_field, value, { updated_view }) => { // a view's, not the kernel's
          const given = what === "enter" ? { text: value } : { value };
          if (updated_view) line.ask({ do: "moved" }, { do: what, name, ...given });
        };
        field.on("change:value", moved);
        watchedFields.push([field, moved]);
      });
  };
  model.on("change:fields", watchFields);
  watchFields();
  const pressed = () => line.ask({ do: "pressed" }); // whether the kernel still answers
  let book = null, box = null;
  const watched = new MutationObserver(improve);
  const began = setTimeout(() => {
    box = el.closest(".ikmplan-controls");
    book = el.closest(".jp-Notebook") ?? box;
    book?.addEventListener("keydown", saveAll, true);
    book?.addEventListener("keydown", inWidget);
    box?.addEventListener("keydown", openTitle);
    const changes = { childList: true, characterData: true, attributeFilter: ["class"] };
    if (box) watched.observe(box, { subtree: true, ...changes });
    for (const name of ["change", "click"]) box?.addEventListener(name, pressed);
    improve();
    line.hello({ last: storedLast() });
  });
  return () => {
    clearTimeout(began);
    watched.disconnect();
    line.end();
    leaveFields();
    model.off("change:fields", watchFields);
    model.off("change:key", keep);
    book?.removeEventListener("keydown", saveAll, true);
    book?.removeEventListener("keydown", inWidget);
    box?.removeEventListener("keydown", openTitle);
    for (const name of ["change", "click"]) box?.removeEventListener(name, pressed);
  };
}

function storedLast() {
  try {
    return localStorage.getItem(LAST) ?? "";
  } catch { // storage is switched off: no work is offered
    return "";
  }
}

function storeLast(key) {
  try {
    if (key) localStorage.setItem(LAST, key);
  } catch { /* as above */ }
}

export default { render };
