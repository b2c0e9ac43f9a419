// Pictures for the examples: points and lines, drawn by gnuplot through a pipe and written as PNG.
#pragma once

#include <keras/array.h>
#include <keras/error.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace plot {

struct Series {
  std::string title;
  std::string style;  // gnuplot's: "points pt 7", "lines lw 2", "linespoints", …
  std::vector<double> x, y;
};

struct Picture {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  std::string settings = {};  // further lines for gnuplot
};

inline std::vector<double> numbers(const keras::Array& array) {
  const keras::Array wide = array.astype(keras::DType::float64);
  const auto values = wide.values<double>();
  return {values.begin(), values.end()};
}

// A text as gnuplot reads it.
inline std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

// Says so and goes on where gnuplot is not installed; IOError where the picture cannot be written.
inline void save_png(const std::string& path, const Picture& picture) {
  if (std::system("command -v gnuplot >/dev/null 2>&1") != 0) {
    std::fprintf(stderr, "%s is left out: gnuplot is not installed (Debian: gnuplot-nox; --no-plots draws nothing).\n",
                 path.c_str());
    return;
  }
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) throw keras::IOError("Cannot write " + path + ": " + std::strerror(errno) + ".");
  std::fclose(file);
  std::FILE* pipe = ::popen("gnuplot >/dev/null", "w");
  if (!pipe) throw keras::IOError(path + " was not drawn: gnuplot did not start.");
  std::string script = "set terminal pngcairo size 900,600\nset grid\nset key top left\n" + picture.settings +
                       "\nset output " + quoted(path) + "\nset title " + quoted(picture.title) + "\nset xlabel " +
                       quoted(picture.x_label) + "\nset ylabel " + quoted(picture.y_label) + "\nplot ";
  std::string data;
  for (const Series& series : picture.series) {
    script += "'-' with " + series.style + " title " + quoted(series.title) + ", ";
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      data += std::to_string(series.x[i]) + " " + std::to_string(series.y[i]) + "\n";
    }
    data += "e\n";
  }
  script.replace(script.size() - 2, 2, "\n");
  std::fputs((script + data).c_str(), pipe);
  if (::pclose(pipe) != 0) throw keras::IOError(path + " was not written: gnuplot says above why.");
  std::printf("wrote %s\n", path.c_str());
}

}  // namespace plot
