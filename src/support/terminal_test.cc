#include "support/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace keras::support {
namespace {

TEST(Terminal, ReadsTheLocaleFromTheEnvironment) {
  const std::map<std::string, bool> expected = {{"", true},        {"C", true},           {"POSIX", true},
                                                {"C.UTF-8", true}, {"de_DE.utf8", true},  {"en_US.UTF-8", true},
                                                {"de_DE", false},  {"de_DE@euro", false}, {"ja_JP.EUC-JP", false}};
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) ::unsetenv(name);
  for (const char* name : {"LANG", "LC_CTYPE", "LC_ALL"}) {  // each hides the one before
    for (const auto& [value, utf8] : expected) {
      if (value.empty()) continue;
      ::setenv(name, value.c_str(), 1);
      EXPECT_EQ(utf8_locale(), utf8) << name << "=" << value;
    }
    ::setenv(name, "de_DE", 1);
  }
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) ::setenv(name, "", 1);  // set to nothing: not set
  EXPECT_TRUE(utf8_locale());
}

TEST(Terminal, AFileIsNone) {
  std::FILE* file = std::tmpfile();
  EXPECT_FALSE(is_terminal(file));
  std::fclose(file);
}

}  // namespace
}  // namespace keras::support
