// TextTable: a table in box characters, cell for cell as Keras 3's summary draws it.
#pragma once

#include <string>
#include <vector>

namespace keras {

struct TextTable {
  enum class Align { left, right, center };
  struct Column {
    std::string title;
    Align align;
    int width;  // of the text that is wished for; all columns shrink evenly until the table fits
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
  int width;  // of the table
  bool ascii = false;

  std::vector<std::string> lines() const;
};

}  // namespace keras
