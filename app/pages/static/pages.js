// Enhances only: every page works without it.
(function () {
  'use strict';

  // How many characters are left, as the server counts them (code points). Nothing is cut off.
  function count(area) {
    var limit = Number(area.dataset.limit);
    var line = document.createElement('p');
    line.className = 'hint count';
    area.parentNode.insertBefore(line, area.nextSibling);
    function show() {
      var used = Array.from(area.value).length;
      var over = used > limit;
      line.textContent = over ? '多了 ' + (used - limit) + ' 字，请删短一点' : used + ' / ' + limit + ' 字';
      line.classList.toggle('wrong', over);
      line.setAttribute('aria-live', over ? 'polite' : 'off');
    }
    area.addEventListener('input', show);
    show();
  }

  function listPhotos(input) {
    var line = document.createElement('p');
    line.className = 'hint';
    line.setAttribute('aria-live', 'polite');
    input.parentNode.insertBefore(line, input.nextSibling);
    input.addEventListener('change', function () {
      var files = Array.from(input.files);
      var large = files.filter(function (file) { return file.size > 10485760; });
      line.classList.toggle('wrong', files.length > 9 || large.length > 0);
      line.textContent = files.length > 9 ? '选了 ' + files.length + ' 张，最多 9 张'
        : large.length ? '这张超过 10 MB：' + large[0].name
        : files.length ? '已选 ' + files.length + ' 张' : '';
    });
  }

  // One press is enough on a slow network. The hidden key makes a second one harmless, so the
  // button comes back after a while: nobody has to reload the page and lose what was written.
  function once(form) {
    var line = document.createElement('p');
    line.className = 'hint';
    line.setAttribute('role', 'status');
    form.appendChild(line);
    function hold(held) {
      line.textContent = held ? '正在提交，请稍等…' : '';
      form.querySelectorAll('button').forEach(function (button) { button.disabled = held; });
    }
    form.addEventListener('submit', function () {
      setTimeout(hold, 0, true);
      setTimeout(hold, 20000, false);
    });
    window.addEventListener('pageshow', function () { hold(false); });
  }

  document.querySelectorAll('textarea[data-limit]').forEach(count);
  document.querySelectorAll('input[type=file]').forEach(listPhotos);
  document.querySelectorAll('form').forEach(once);
  var errors = document.getElementById('errors');
  if (errors) errors.focus();
})();
