// The planner's page in the browser: fills its parts with HTML from the kernel, and sends the
// kernel what is typed, moved and pressed. All HTML comes escaped from ikmplan/explore/panels.py.

const PARTS = ["head", "note", "settings", "locks", "badge", "stop", "none", "results",
  "coverage", "stays", "pins", "compared", "others", "rest", "keep", "tables"];
let views = 0, asked = 0; // of one widget: how many there were, and which of them asked last
const OPEN = /<details[^>]* open>/;

function render({ model, el }) {
  el.classList.add("ikmplan-page");
  const view = ++views;
  const made = {}; // part -> the HTML it was filled with
  const find = (selector) => [...el.querySelectorAll(selector)];
  const place = (part) => el.querySelector(`[data-part="${part}"]`);

  const ask = (what, buffers, move) => {
    asked = view;
    line.ask(what, buffers, move);
  };

  function setLost(lost) { // shows that the kernel is gone, until it answers again
    const desk = el.querySelector(".desk"), shown = desk.querySelector(":scope > .lost");
    if (!lost) shown?.remove();
    if (!lost || shown) return;
    const sentence = document.createElement("p");
    sentence.className = "alert lost";
    sentence.setAttribute("role", "alert");
    sentence.textContent = desk.dataset.lost;
    desk.prepend(sentence);
  }

  // the same page may stand in two outputs: ids differ, so that labels name their own field
  const own = (html) => view === 1 ? html : html.replaceAll('"k-', `"k${view}-`);

  // --- filling ---------------------------------------------------------------------------

  // Elements are changed, not replaced, so that a press, a choice or a text that has begun is not
  // lost. An element with an id stays the same element wherever it goes.
  const morphing = {
    morphStyle: "innerHTML",
    callbacks: {
      beforeNodeMorphed(old, fresh) {
        if (old.dataset?.part || old.isEqualNode(fresh)) return false;
        // keep what is chosen or being typed and was not sent yet
        if (old.dirty || old.matches?.("[data-form] select, input[type=text]:focus")) fresh.value = old.value;
      },
      beforeAttributeUpdated(name, node, how) {
        // the planner opens and closes details; setValues sets the values of the settings
        if (name === "open" || (name === "value" && how === "remove")) return false;
      },
    },
  };

  function fill(part) {
    const box = place(part), html = own(model.get(part)), before = made[part];
    if (!box || before === html) return;
    const active = box.contains(document.activeElement) && document.activeElement;
    const alike = () => [...box.querySelectorAll(`[data-do="${active.dataset?.do}"]`)];
    const index = active && alike().indexOf(active);
    Idiomorph.morph(box, html, morphing);
    made[part] = html;
    if (OPEN.test(html) && !OPEN.test(before)) box.querySelector("details").open = true;
    if (active && !active.isConnected) { // to what is next to it, else to its column
      const next = alike()[index] || alike().at(-1) || box.querySelector("button");
      (next || box.closest(".right") || el.querySelector(".left")).focus({ preventScroll: true });
    }
    if (part === "settings") setValues();
  }

  function fillAll() {
    Idiomorph.morph(el, own(model.get("frame")), morphing);
    PARTS.forEach(fill);
    setOlder();
    setValues();
  }

  function setOlder() {
    for (const box of find(".results")) box.classList.toggle("older", model.get("older"));
  }

  function setValues() {
    for (const [name, value] of Object.entries(model.get("values"))) {
      const [text, slider, words, box] = ["field", "slide", "words", "check"]
        .map((kind) => el.querySelector(`[data-${kind}="${name}"]`));
      if (!words) continue;
      words.textContent = value.fault || value.words;
      words.classList.toggle("fault", Boolean(value.fault));
      if (value.fault) words.setAttribute("role", "alert"); else words.removeAttribute("role");
      (box || text).setAttribute("aria-invalid", Boolean(value.fault));
      if (box) { box.checked = Boolean(value.place); continue; }
      const typing = document.activeElement === text && text.dirty;
      if (!value.fault && !typing) { text.value = value.text; delete text.dirty; }
      if (!slider.matches(":active")) slider.value = value.place;
      slider.setAttribute("aria-valuetext", value.words);
    }
  }

  // --- what the planner does -------------------------------------------------------------

  function whileSliding(slider) { // the number changes at once, the plan when the slider is released
    const text = el.querySelector(`[data-field="${slider.dataset.slide}"]`);
    const share = slider.dataset.kind === "share", value = Number(slider.value);
    const lang = el.querySelector(".desk").lang;
    const format = new Intl.NumberFormat(lang, { maximumFractionDigits: 4 });
    text.value = share ? `${format.format(Math.round(value * 1000) / 10)}%` : format.format(value);
    slider.setAttribute("aria-valuetext", text.value); // until the kernel answers in words
    delete text.dirty;
  }

  el.addEventListener("input", (event) => {
    const field = event.target;
    if (field.dataset.slide) whileSliding(field);
    if (field.type === "text") field.dirty = true;
  });

  el.addEventListener("change", async (event) => {
    const field = event.target, data = field.dataset;
    if (data.slide) ask({ do: "slide", name: data.slide, value: Number(field.value) });
    else if (data.check) ask({ do: "check", name: data.check, value: field.checked });
    else if (data.field) {
      delete field.dirty;
      ask({ do: "enter", name: data.field, text: field.value });
    } else if (data.choose) ask({ do: data.choose, value: field.value });
    else if ("upload" in data && field.files.length) {
      const file = field.files[0];
      // a file that is too large for a message: the kernel refuses it by its size
      const content = file.size > 9e6 ? new ArrayBuffer(8000001) : await file.arrayBuffer();
      field.value = "";
      ask({ do: "upload", name: file.name }, [content]);
    }
  });

  el.addEventListener("keydown", keepKeys);
  el.addEventListener("keydown", holdScroll);
  el.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    const form = event.target.closest("[data-form]");
    if (form) (form.querySelector("button.main") || form.querySelector("button")).click();
  });

  el.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (!button || button.matches("[aria-disabled]")) return;
    const form = button.closest("[data-form]"), { change, ...what } = button.dataset;
    if (form) for (const field of form.querySelectorAll("[name]")) {
      what[field.name] = field.value;
      delete field.dirty;
    }
    ask(what, [], change && { do: "change", change });
  });

  el.addEventListener("toggle", (event) => {
    const part = event.target.dataset.open;
    if (part && event.target.open !== OPEN.test(made[part]))
      ask({ do: "open", part, open: event.target.open });
  }, true);

  // --- what the kernel sends ---------------------------------------------------------------

  const links = [];
  function file({ name, type, open }, buffers) {
    const url = URL.createObjectURL(new Blob(buffers, { type }));
    links.push(url);
    const link = document.createElement("a");
    link.href = url;
    if (open) { link.target = "_blank"; link.textContent = open; }
    else { link.download = name; link.textContent = name; }
    // beside the message that it is ready, which comes at the same moment
    setTimeout(() => {
      place("keep").querySelector(".kept").append(" ", link);
      if (!open) link.click();
    }, 300);
  }

  const receive = (content, buffers) => {
    if (content.do === "file" && asked === view) file(content, buffers);
    if (content.do === "refused")
      for (const option of find("[data-choose] option")) option.selected = option.defaultSelected;
  };
  model.on("msg:custom", receive);
  const watched = PARTS.map((part) => [`change:${part}`, () => fill(part)]);
  watched.push(["change:frame", fillAll], ["change:values", setValues], ["change:older", setOlder]);
  for (const [event, react] of watched) model.on(event, react);

  const line = watchLine(model, setLost, () => ask({ do: "hello", ...tab() }));
  fillAll();
  line.hello(tab());
  return () => {
    model.off("msg:custom", receive);
    line.end();
    for (const [event, react] of watched) model.off(event, react);
    links.forEach(URL.revokeObjectURL);
  };
}

// The key of this tab, and that of the tab before it, whose work can be offered.
function tab() {
  const TAB = "ikmplan-tab";
  try {
    let key = sessionStorage.getItem(TAB);
    const last = localStorage.getItem(TAB) || "";
    if (!key) {
      key = [...crypto.getRandomValues(new Uint8Array(16))]
        .map((byte) => byte.toString(16).padStart(2, "0")).join("");
      sessionStorage.setItem(TAB, key);
    }
    localStorage.setItem(TAB, key);
    return { key, last };
  } catch { // storage is switched off: no work can be restored
    return { key: "0".repeat(32), last: "" };
  }
}

export default { render };
