#include "directory/public_mail_domains.h"

#include <gtest/gtest.h>

namespace doorward::directory {
namespace {

TEST(PublicMailDomainsTest, KnowsTheLargeProviders) {
  for (const char* domain :
       {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com",
        "gmx.de", "web.de", "mail.ru", "yandex.ru", "qq.com", "proton.me", "126.com", "zohomail.com"}) {
    EXPECT_TRUE(is_public_mail_domain(domain)) << domain;
  }
  for (const char* domain : {"", "com", "contoso.com", "mail.gmail.com", "gmail.com.evil.example"}) {
    EXPECT_FALSE(is_public_mail_domain(domain)) << domain;
  }
}

}  // namespace
}  // namespace doorward::directory
