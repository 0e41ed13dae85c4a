// Sends the response on without a click; the page has a button for browsers without scripts.
document.getElementById("response").submit();
