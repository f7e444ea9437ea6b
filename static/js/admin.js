/* Names for controls that Django's tabular forms show under a column head only, so that screen readers say them too. */

const words = (element) => element?.textContent.trim().replace(/\s+/g, " ") ?? "";

function nameColumns(table) {
  const heads = [...table.querySelectorAll("thead th")];
  heads.filter((head) => !words(head)).forEach((head) => head.setAttribute("role", "cell"));
  // The first head spans the cell of the object's own name, where there is one.
  const labels = heads.flatMap((head) => Array(head.colSpan).fill(words(head)));
  table.querySelectorAll("tbody tr").forEach((row) => {
    [...row.cells].forEach((cell, place) => {
      const label = labels[place] || cell.className.replace("field-", "");
      cell.querySelectorAll("input:not([type=hidden]), select, textarea, [role=combobox], [role=textbox]").forEach((control) => {
        const isNamed = control.labels?.length || control.hasAttribute("aria-label");
        if (!isNamed && label) control.setAttribute("aria-label", label);
      });
    });
  });
}

function nameChoosers() {
  document.querySelectorAll(".select2-selection, .select2-selection__rendered[role=textbox]").forEach((box) => {
    const select = box.closest(".related-widget-wrapper, td, .form-row")?.querySelector("select");
    const label = select?.getAttribute("aria-label") || words(select?.labels?.[0]);
    if (label) box.setAttribute("aria-label", label);
  });
}

function nameAll() {
  document.querySelectorAll(".inline-group table").forEach(nameColumns);
  nameChoosers();
}

/* The choosers are built when they like, and rows are added later. */
nameAll();
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
