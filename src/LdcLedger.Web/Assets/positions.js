// The slider over a study's positions: how far it goes, the milestone that is next, and the film of all of them.
(() => {
  "use strict";
  const PlayMs = 1_000;

  // --- Positions of a study: a slider, and the milestones of which the next is known here alone.
  const film = document.querySelector("input[type=range][name=at]");
  const after = value => [...document.getElementById("milestones").options].map(m => Number(m.value)).find(position => position > value);
  const onward = () => {
    const next = document.querySelector("a[rel=next]"), later = film && after(Number(film.value));
    if (!next || !later) return;
    const address = new URL(next.href);
    address.searchParams.set("at", later);
    [next.href, next.hidden] = [address.toString(), false];
  };

  // --- A page of an earlier moment says nothing of what came later: how far its slider goes, and which milestone is next, is asked of the
  // page of now.
  const slider = document.querySelector("input[type=range][data-now]");
  if (slider) fetch(slider.dataset.now).then(answer => answer.ok ? answer.text() : "").then(text => {
    const now = new DOMParser().parseFromString(text, "text/html"), there = now.querySelector("input[type=range]");
    const milestones = now.getElementById("milestones");
    if (!there || !milestones) return;
    const here = slider.value;
    [slider.max, slider.value] = [there.max, here];
    document.getElementById("end").textContent = now.getElementById("end").textContent;
    document.getElementById("milestones").replaceWith(milestones);
    onward();
  });
  // The page that is followed to is of an earlier moment, too.
  document.body.addEventListener("htmx:after:swap", onward);

  // --- Play: the slider goes from milestone to milestone, and the page follows it as it follows a hand.
  const play = document.getElementById("play");
  let playing;
  const stop = () => {
    clearInterval(playing);
    [playing, play.textContent] = [undefined, "Play"];
  };
  const turnTo = value => {
    film.value = value;
    film.dispatchEvent(new Event("input", { bubbles: true }));
  };
  if (play && film) play.addEventListener("click", () => {
    if (playing) return stop();
    turnTo(after(Number(film.value)) ?? after(0) ?? film.max);
    play.textContent = "Stop";
    playing = setInterval(() => {
      const next = after(Number(film.value));
      if (next) turnTo(next);
      else stop();
    }, PlayMs);
  });
})();
