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
  const ofWidgets = (act) => (event) => {
    if (event.target.closest(".jp-OutputArea-output .jupyter-widgets")) act(event);
  };
  const inWidget = ofWidgets(keepKeys);
  const holdInWidget = ofWidgets(holdScroll); // first: some widgets keep keys to themselves
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
  const widgets = new Map(); // id -> the model of a widget that a move reads
  const read = ({ of, values }) => { // the value of a field; of a list, that of its choice
    const widget = widgets.get(of);
    return values ? values[widget?.get("index")] : widget?.get("value");
  };
  const moveOf = (id) => Object.fromEntries(Object.entries(model.get("given")[id] ?? {})
    .map(([name, part]) => [name, part.of ? read(part) : part]));
  const moved = (widget, _value, { updated_view }) => { // a view's, not the kernel's
    if (updated_view) line.ask({ do: "moved" }, [], moveOf(widget.model_id));
  };
  const CHANGES = "change:value change:index";
  const findWidgets = () => {
    for (const { of } of Object.values(model.get("given")).flatMap(Object.values))
      if (of && !widgets.has(of))
        model.widget_manager.get_model(of).then((widget) => {
          if (!widgets.has(of)) widget.on(CHANGES, moved);
          widgets.set(of, widget);
        }, () => {}); // it ended with its kernel, and makes no move
  };
  model.on("change:given", findWidgets);
  findWidgets();
  const pressed = ({ target }) => { // before its widget sends it; asks whether the kernel answers
    const id = target.closest("button")?.className.match(/ikmplan-move-(\w+)/)?.[1];
    line.ask({ do: "pressed" }, [], moveOf(id));
  };
  let book = null, box = null, endFocus = null;
  const watched = new MutationObserver(improve);
  const began = setTimeout(() => {
    box = el.closest(".ikmplan-controls");
    book = el.closest(".jp-Notebook") ?? box;
    book?.addEventListener("keydown", saveAll, true);
    book?.addEventListener("keydown", inWidget);
    book?.addEventListener("keydown", holdInWidget, true);
    box?.addEventListener("keydown", openTitle);
    const changes = { childList: true, characterData: true, attributeFilter: ["class"] };
    if (box) watched.observe(box, { subtree: true, ...changes });
    if (box) endFocus = keepFocus(box);
    for (const name of ["change", "click"]) box?.addEventListener(name, pressed, true);
    improve();
    line.hello({ last: storedLast() });
  });
  return () => {
    clearTimeout(began);
    watched.disconnect();
    endFocus?.();
    line.end();
    for (const widget of widgets.values()) widget.off(CHANGES, moved);
    model.off("change:given", findWidgets);
    model.off("change:key", keep);
    book?.removeEventListener("keydown", saveAll, true);
    book?.removeEventListener("keydown", inWidget);
    book?.removeEventListener("keydown", holdInWidget, true);
    box?.removeEventListener("keydown", openTitle);
    for (const name of ["change", "click"]) box?.removeEventListener(name, pressed, true);
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
