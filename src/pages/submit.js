// Sends the page's one form. Without JavaScript the person presses its button.
document.forms[0].submit();
