// Turn the questions of a page into a quiz. Without this script every answer and reason stands open on the page.
(() => {
  const chapterQuestions = [...document.querySelectorAll(".question")];
  const firstTries = new Map(); // question id → whether the first choice was right

  /** Wrap each choice in a label with a radio button, and hide the feedback until its option is chosen. */
  function enliven(question) {
    question.classList.add("live");
    question.setAttribute("role", "radiogroup");
    question.querySelectorAll(".options > li").forEach((option, index) => {
      const choice = option.querySelector(".choice");
      const feedback = option.querySelector(".feedback");
      const radio = document.createElement("input");
      const label = document.createElement("label");
      const text = document.createElement("span");
      feedback.id = `${question.id}-feedback-${index}`;
      feedback.hidden = true;
      radio.type = "radio";
      radio.name = question.id;
      radio.setAttribute("aria-describedby", feedback.id);
      text.append(...choice.childNodes);
      label.append(radio, text);
      choice.append(label);
      radio.addEventListener("change", () => answer(question, option));
    });
  }

  function answer(question, chosen) {
    const isRight = chosen.classList.contains("right");
    if (!firstTries.has(question.id)) firstTries.set(question.id, isRight);
    for (const option of question.querySelectorAll(".options > li")) {
      option.querySelector(".feedback").hidden = option !== chosen;
    }
    report(chosen.querySelector(".feedback").textContent.trim());
  }

  /** Show the score, and say the last feedback to a screen reader. */
  function report(spoken = "") {
    const right = [...firstTries.values()].filter(Boolean).length;
    const left = chapterQuestions.length - firstTries.size;
    const total = `${right} of ${firstTries.size} right at the first try`;
    tally.textContent = firstTries.size ? `${total}${left ? `, ${left} to go` : ""}.` : "No question answered yet.";
    voice.textContent = spoken && `${spoken} ${tally.textContent}`;
    again.hidden = !firstTries.size;
  }

  function startAgain() {
    firstTries.clear();
    for (const input of document.querySelectorAll(".question input")) input.checked = false;
    for (const feedback of document.querySelectorAll(".question .feedback")) feedback.hidden = true;
    report();
    chapterQuestions[0].querySelector("input").focus();
  }

  const score = document.createElement("div");
  const tally = document.createElement("span");
  const again = document.createElement("button");
  const voice = document.createElement("span");
  if (chapterQuestions.length) {
    score.className = "score";
    again.type = "button";
    again.textContent = "Start again";
    again.addEventListener("click", startAgain);
    voice.className = "visually-hidden";
    voice.setAttribute("role", "status");
    score.append(tally, again, voice);
    chapterQuestions.forEach(enliven);
    chapterQuestions.at(-1).after(score);
    report();
  }
})();
