#include "directory/public_mail_domains.h"

#include <algorithm>
#include <array>

namespace doorward::directory {
namespace {

/// Sorted, for the binary search.
constexpr auto kDomains = std::to_array<std::string_view>({
    "126.com",     "163.com",        "aim.com",        "alice.it",      "aol.com",         "arcor.de",
    "bigpond.com", "bk.ru",          "bluewin.ch",     "bol.com.br",    "btinternet.com",  "charter.net",
    "comcast.net", "cox.net",        "daum.net",       "duck.com",      "earthlink.net",   "email.com",
    "email.cz",    "fastmail.com",   "fastmail.fm",    "free.fr",       "freenet.de",      "gmail.com",
    "gmx.at",      "gmx.ch",         "gmx.com",        "gmx.de",        "gmx.net",         "googlemail.com",
    "hanmail.net", "hey.com",        "hotmail.co.uk",  "hotmail.com",   "hotmail.de",      "hotmail.es",
    "hotmail.fr",  "hotmail.it",     "hushmail.com",   "icloud.com",    "inbox.lv",        "inbox.ru",
    "interia.pl",  "internet.ru",    "laposte.net",    "libero.it",     "list.ru",         "live.co.uk",
    "live.com",    "live.de",        "live.fr",        "live.it",       "live.nl",         "mac.com",
    "mail.com",    "mail.de",        "mail.ru",        "mailbox.org",   "mailfence.com",   "me.com",
    "msn.com",     "naver.com",      "o2.pl",          "onet.pl",       "optonline.net",   "orange.fr",
    "outlook.com", "outlook.de",     "outlook.es",     "outlook.fr",    "outlook.it",      "passport.com",
    "pm.me",       "posteo.de",      "proton.me",      "protonmail.ch", "protonmail.com",  "qq.com",
    "rambler.ru",  "rediffmail.com", "rocketmail.com", "sapo.pt",       "sbcglobal.net",   "seznam.cz",
    "sfr.fr",      "shaw.ca",        "sina.com",       "sky.com",       "sohu.com",        "t-online.de",
    "telenet.be",  "terra.com.br",   "tiscali.it",     "tuta.com",      "tuta.io",         "tutanota.com",
    "ukr.net",     "uol.com.br",     "verizon.net",    "virgilio.it",   "virginmedia.com", "wanadoo.fr",
    "web.de",      "wp.pl",          "xtra.co.nz",     "ya.ru",         "yahoo.ca",        "yahoo.co.in",
    "yahoo.co.jp", "yahoo.co.uk",    "yahoo.com",      "yahoo.com.ar",  "yahoo.com.au",    "yahoo.com.br",
    "yahoo.de",    "yahoo.es",       "yahoo.fr",       "yahoo.it",      "yandex.com",      "yandex.ru",
    "ymail.com",   "zoho.com",       "zohomail.com",
});
static_assert(std::ranges::is_sorted(kDomains));

}  // namespace

bool is_public_mail_domain(std::string_view domain) {
  return std::ranges::binary_search(kDomains, domain);
}

}  // namespace doorward::directory
