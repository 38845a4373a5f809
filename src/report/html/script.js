
// The page can be read without this. It adds the filter, and keys to reach it.
(function () {
  "use strict";
  var form = document.getElementById("filter");
  if (!form) { return; }
  var search = document.getElementById("search");
  var flagged = document.getElementById("flagged");
  var shown = document.getElementById("shown");
  var none = document.getElementById("none");
  var items = Array.prototype.slice.call(document.querySelectorAll("[data-search]"));
  var sections = Array.prototype.slice.call(document.querySelectorAll("section[data-kind]"));
  form.hidden = false;

  function kinds() {
    var boxes = form.querySelectorAll("input[name=kind]");
    if (boxes.length === 0) { return null; }
    var wanted = {};
    boxes.forEach(function (box) { wanted[box.value] = box.checked; });
    return wanted;
  }

  // A card can be about many templates, which change alike.
  function counted(cards, templates) {
    var all = cards === items.length ? "" : " of " + items.length;
    if (!items.length || !("templates" in items[0].dataset)) { return cards + (all ? all + " shown" : " listed"); }
    return cards + all + (items.length === 1 ? " card, " : " cards, ") + templates + (templates === 1 ? " template" : " templates");
  }

  function filter() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = kinds();
    var visible = 0;
    var templates = 0;
    var bySection = {};
    items.forEach(function (item) {
      var text = item.dataset.search;
      var fits = (!wanted || wanted[item.dataset.kind])
        && (!flagged || !flagged.checked || "flagged" in item.dataset)
        && words.every(function (word) { return text.indexOf(word) !== -1; });
      item.hidden = !fits;
      if (fits) { visible += 1; templates += Number(item.dataset.templates || 1); bySection[item.dataset.kind] = true; }
    });
    sections.forEach(function (section) { section.hidden = !bySection[section.dataset.kind]; });
    none.hidden = visible > 0;
    shown.textContent = counted(visible, templates);
  }

  function fold(open) {
    return function () {
      items.forEach(function (item) { if (!item.hidden && item.tagName === "DETAILS") { item.open = open; } });
    };
  }

  var waiting;
  search.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(filter, 60); });
  form.addEventListener("change", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); filter(); });
  var unfold = document.getElementById("unfold");
  if (unfold) {
    unfold.addEventListener("click", fold(true));
    document.getElementById("fold").addEventListener("click", fold(false));
  }
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      filter();
    }
  });
  filter();
}());
