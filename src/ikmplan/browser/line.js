// Whether the kernel answers. A kernel that dies answers nothing; its line may break and come back.
// The last move of the planner is kept until a kernel answers it: this one, or the one after it.

const LATE = 10000; // ms without an answer, after which the kernel counts as lost
const ENDED = ["dead", "terminating", "restarting", "autorestarting"]; // states of a kernel
const KEPT = 600000; // ms: an older move belongs to other work

// Calls `show(true)` when the kernel is lost, `show(false)` when it answers again, and `back()`
// when its line is there again. A move is { do: "enter", name, text }, { do: "undo" } ...: what the
// model has in `moves` changes settings or pins (explore/moves.py). Moves are kept for this tab and
// this notebook, whatever becomes of kernel and page.
function watchLine(model, show, back) {
  let waiting = null;
  const manager = model.widget_manager, kernel = manager?.kernel;
  const place = `ikmplan-move:${manager?.context?.path ?? location.pathname}`;
  const lost = (is) => { clearTimeout(waiting); show(is); };
  const onStatus = (_kernel, status) => ENDED.includes(status) && lost(true);
  const onLine = (_kernel, line) => line === "connected" ? back() : lost(true);
  const receive = (content) => {
    if (content.do !== "received") return;
    lost(false);
    if (stored(place)?.sent === content.sent) store(place, null);
  };
  model.on("msg:custom", receive);
  kernel?.statusChanged?.connect(onStatus);
  kernel?.connectionStatusChanged?.connect(onLine);
  return {
    // sends a message that the kernel answers with "received"; until then `move` is kept, which is
    // the message itself unless it means something in this kernel only
    ask(what, buffers = [], move = what) {
      const sent = `${Date.now()} ${Math.random()}`;
      if (model.get("moves").includes(move?.do)) store(place, { at: Date.now(), sent, move });
      clearTimeout(waiting);
      try {
        model.send({ ...what, sent }, undefined, buffers);
      } catch { // a dead kernel's line is closed
        return lost(true);
      }
      waiting = setTimeout(() => lost(true), LATE);
    },
    // reports that a view is there, with the move that no kernel has answered
    hello(what) {
      const { at, move } = stored(place) ?? {};
      const kept = Date.now() - at < KEPT ? move : null;
      this.ask({ do: "hello", ...what, move: kept }, [], kept);
    },
    end() {
      clearTimeout(waiting);
      model.off("msg:custom", receive);
      kernel?.statusChanged?.disconnect(onStatus);
      kernel?.connectionStatusChanged?.disconnect(onLine);
    },
  };
}

function stored(place) {
  try {
    return JSON.parse(sessionStorage.getItem(place));
  } catch { // storage is switched off, or holds something else
    return null;
  }
}

function store(place, content) {
  try {
    if (content) sessionStorage.setItem(place, JSON.stringify(content));
    else sessionStorage.removeItem(place);
  } catch { /* storage is switched off: the move is lost with its kernel */ }
}
