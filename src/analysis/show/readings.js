// Show the answers under the reading that is chosen; without this script those of the first one stand there.
for (const section of document.querySelectorAll("section.readings:not([data-live])")) {
  section.dataset.live = "";
  const answers = JSON.parse(section.querySelector("script").textContent);
  const choices = [...section.querySelectorAll("select")];
  const cells = section.querySelectorAll("[data-answer]");
  const show = () => {
    const reading = choices.reduce((place, { length, selectedIndex }) => place * length + selectedIndex, 0);
    answers.forEach(({ said, of_reading: ofReading }, place) => {
      cells[place].textContent = said[ofReading[reading]];
    });
  };
  section.addEventListener("change", show);
  show();
}
