/**
 * What a key means in the grid. Three moods of a cell:
 * "ready" - standing on it, "enter" - typing replaces what was there, "edit" - correcting it letter by letter (F2).
 */

const PAGE = 10;
const STEPS = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
};

function movement(ev, mood) {
    const step = STEPS[ev.key];
    if (step) {
        const inText = mood === "edit" && step[1] !== 0;
        return inText ? null : move(step, { extend: ev.shiftKey && mood === "ready", jump: isCommand(ev) });
    }
    if (ev.key === "PageUp" || ev.key === "PageDown") {
        return move([ev.key === "PageUp" ? -PAGE : PAGE, 0], { extend: ev.shiftKey && mood === "ready" });
    }
    if ((ev.key === "Home" || ev.key === "End") && mood === "ready") {
        return { type: "edge", end: ev.key === "End", corner: isCommand(ev), extend: ev.shiftKey };
    }
    return null;
}

function move([row, col], options) {
    return { type: "move", row, col, extend: false, jump: false, ...options };
}

function isCommand(ev) {
    return ev.ctrlKey || ev.metaKey;
}

const SHORTCUTS = { a: "selectAll", s: "save", z: "undo", y: "redo" };

function shortcut(ev, mood) {
    if (!isCommand(ev) || ev.altKey) {
        return null;
    }
    const key = ev.key.toLowerCase();
    if (key === "s") {
        return { type: "save" };
    }
    if (mood !== "ready" || !SHORTCUTS[key]) {
        return null; // the text field's own undo, copy, select all
    }
    return { type: key === "z" && ev.shiftKey ? "redo" : SHORTCUTS[key] };
}

/**
 * @param {KeyboardEvent} ev
 * @param {"ready"|"enter"|"edit"} mood
 * @returns {{type: string}|null} null: the key belongs to the text field or the browser
 */
export function gridCommand(ev, mood) {
    if (ev.isComposing || ev.keyCode === 229) {
        return null; // an input method is composing
    }
    switch (ev.key) {
        case "Enter":
            return { type: "enter", back: ev.shiftKey };
        case "Tab":
            return { type: "tab", back: ev.shiftKey };
        case "F2":
            return { type: "edit" };
        case "Escape":
            return mood === "ready" ? { type: "collapse" } : { type: "cancel" };
        case "Delete":
            return mood === "ready" ? { type: "blank" } : null;
        case "Backspace":
            return mood === "ready" ? { type: "retype" } : null;
    }
    return shortcut(ev, mood) || movement(ev, mood);
}
