// Somebody who has no mouse: moves with Tab and works with Enter, Space and the arrows; and looks where the focus is.
import assert from 'node:assert/strict';

/// What has the focus, in words, and whether its outline can be seen. Headings that take the focus to be read out have
/// none: nothing is done with them.
const look = () => {
  const element = document.activeElement;
  if (element === null || element === document.body) return {lost: true};
  const {outlineStyle, outlineWidth} = getComputedStyle(element);
  const {top, bottom, height} = element.getBoundingClientRect();
  return {
    lost: false,
    words: `<${element.tagName.toLowerCase()}> ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 80)}`,
    heading: element.tabIndex < 0,
    outlined: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0,
    inSight: height === 0 || (bottom > 0 && top < innerHeight),
  };
};

const mostTabs = 150;

export class Keyboard {
  constructor(page) {
    this.page = page;
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  /// Where the focus is, which must be somewhere: whoever works without a mouse begins at the top of the page otherwise.
  async kept(after) {
    const until = Date.now() + 3000;
    for (;;) {
      const seen = await this.page.evaluate(look);
      if (!seen.lost) return seen;
      assert.ok(Date.now() < until, `after ${after} the focus is nowhere`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /// Tabs to what `locator` means, and looks at every stop on the way. Past the end of the page it may begin anew once.
  async to(locator, key = 'Tab') {
    await locator.waitFor();
    let rounds = 0;
    for (let i = 0; i < mostTabs; ++i) {
      if (await locator.evaluate((element) => element === document.activeElement)) return this;
      await this.press(key);
      const seen = await this.page.evaluate(look);
      if (seen.lost) {
        assert.ok(++rounds < 3, `${locator} is not reached by ${key}`);
        continue;
      }
      assert.ok(seen.outlined, `the focus cannot be seen on ${seen.words}`);
      assert.ok(seen.inSight, `what has the focus is out of sight: ${seen.words}`);
    }
    assert.fail(`${locator} is not reached by ${mostTabs} times ${key}`);
  }

  /// Goes there and presses `key`; the focus is somewhere afterwards, once `settled` is on the page.
  async use(locator, settled, key = 'Enter') {
    await this.to(locator);
    await this.press(key);
    await settled.waitFor({timeout: 15_000});
    await this.kept(`${key} on ${locator}`);
  }

  /// Goes to a field and writes into it instead of what is there.
  async write(locator, text) {
    await this.to(locator);
    await this.press('ControlOrMeta+a');
    await this.type(text);
  }
}
