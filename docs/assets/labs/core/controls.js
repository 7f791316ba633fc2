// Native controls, made from their descriptions, and what they take.

export function html(name, properties = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...content);
  return made;
}

/** A value as Python writes it. */
export const literal = (value) => (value === true ? "True" : value === false ? "False" : JSON.stringify(value));

/** The value as the control holds it, or undefined if the control does not take it. */
export function taken({ type, value: usual, choices, values, min = -Infinity, max = Infinity, step = 1, maxlength }, value) {
  const numeric = typeof usual === "number";
  const options = values ?? (choices ? Object.keys(choices) : typeof usual === "boolean" && [true, false]);
  if (options) {
    const found = options.find((option) => `${option}` === `${value}`);
    return numeric && found !== undefined ? +found : found;
  }
  if (!numeric) return `${value}`.slice(0, maxlength).toWellFormed(); // no half of a character
  const steps = (value - (min > -Infinity && min)) / step;
  const fits = `${value}`.trim() && value >= min && value <= max && (type === "hidden" || Math.abs(steps - Math.round(steps)) < 1e-6);
  return fits ? +value : undefined;
}

/** `changed(value)` hears what the reader chose, `refused(sentence)` why it is not taken. */
export function makeControl(id, given, changed, refused) {
  const control = { ...given };
  const { type, label, unit, values, choices, min, max, step = 1, rows, maxlength } = control;
  if (type === "hidden") return {};
  if (type === "button" || type === "play") {
    const input = html("button", { type: "button", onclick: changed }, label);
    return { input, root: html("div", { className: "lab-press" }, input), update: (changes) => Object.assign(input, changes) };
  }
  const ranged = type === "range";
  const shown = html("span", { className: "lab-value" });
  const input = html(type === "select" ? type : rows > 1 ? "textarea" : "input", { id, autocomplete: "off", spellcheck: false });
  if (input.matches("input")) input.type = type === "check" ? "checkbox" : type;
  const limits = { rows, maxlength, ...((ranged || type === "number") && (values ? { min: 0, max: values.length - 1 } : { min, max, step })) };
  for (const key in limits) if (limits[key] !== undefined) input.setAttribute(key, limits[key]);
  for (const value in choices) input.append(html("option", { value }, choices[value]));
  const name = html("label", { htmlFor: id }, unit && !ranged ? `${label} (${unit})` : label);
  const root = html("div", { className: `lab-control lab-${type} ${control.wide ? "wide" : ""}` }, name, ...(ranged ? [shown] : []), input);
  let current;
  const made = {
    input,
    root,
    update({ hidden = false, ...changes }) {
      root.hidden = hidden;
      Object.assign(control, changes);
      if (!changes.max) return;
      input.max = changes.max;
      made.value = current;
    },
    set value(value) {
      current = value;
      if (type === "check") input.checked = value;
      else input.value = values ? values.indexOf(value) : value;
      if (!ranged) return;
      shown.textContent = (control.show?.(value) ?? value.toLocaleString("en")) + (unit ? ` ${unit}` : "");
      input.ariaValueText = shown.textContent;
    },
    next(value) {
      const following = values ? values[values.indexOf(value) + 1] : +(value + step).toPrecision(12);
      return values || following <= control.max ? following : undefined;
    },
  };
  input.addEventListener("input", () => {
    const raw = type === "check" ? input.checked : values ? values[input.value] : input.value;
    const value = taken(control, raw);
    if (value === undefined) return refused(`${label} takes a ${step % 1 ? "" : "whole "}number from ${[min, control.max].map((bound) => bound.toLocaleString("en")).join(" to ")}.`);
    if (ranged) made.value = value;
    changed(value);
  });
  return made;
}
