// What real Keras computed (tests/golden/README.md): the cases of a family, their arrays, and the tolerance they are
// held to.
#pragma once

#include <gtest/gtest.h>
#include <keras/array.h>
#include <keras/config.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

namespace keras::testing {

class Golden {
 public:
  explicit Golden(const std::string& family) {
    const char* root = std::getenv("KERAS_TEST_ROOT");
    const std::string path = std::string(root ? root : ".") + "/tests/golden/" + family;
    std::ifstream json(path + ".json", std::ios::binary);
    if (!json) throw std::runtime_error(path + ".json cannot be read; KERAS_TEST_ROOT names the repository");
    cases_ = Config::from_json(std::string(std::istreambuf_iterator<char>(json), {}));
    if (std::ifstream(path + ".npz")) arrays_ = load_npz(path + ".npz");
  }

  const std::vector<Config>& cases() const { return cases_.items(); }
  const Config& at(const std::string& name) const {
    for (const Config& c : cases()) {
      if (c.at("name").as_string() == name) return c;
    }
    throw std::runtime_error("there is no golden case " + name);
  }
  bool has(const std::string& key) const { return arrays_.contains(key); }
  const Array& array(const std::string& key) const {
    const auto found = arrays_.find(key);
    if (found == arrays_.end()) throw std::runtime_error("there is no golden array " + key);
    return found->second;
  }
  // An input of a case; real numbers as `dtype`.
  Array input(const Config& c, const std::string& what, DType dtype) const {
    const Array& value = array(c.at("name").as_string() + "/" + what);
    return value.dtype().is_floating() ? value.astype(dtype) : value;
  }

  // Whether a result is what Keras computed. Real numbers: in double to 1e-9 of the largest, in float32 to
  // 4 max(|keras32 - keras64|, 1e-6 max |keras64|), or to the case's floor. Integers and bools: exactly.
  ::testing::AssertionResult agrees(const Array& actual, const Config& c, const std::string& what) const {
    const std::string key = c.at("name").as_string() + "/" + what;
    const bool real = has(key + "/64");
    const Array expected = array(real ? key + "/64" : key).astype(DType::float64);
    if (actual.shape() != expected.shape()) {
      return ::testing::AssertionFailure()
             << key << ": shape " << actual.shape().str() << ", Keras has " << expected.shape().str();
    }
    const Array got = actual.astype(DType::float64),
                single = (real ? array(key + "/32") : expected).astype(DType::float64);
    const auto a = got.values<double>(), b = expected.values<double>(), b32 = single.values<double>();
    double largest = 0, keras = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (!std::isfinite(b[i])) continue;
      largest = std::max(largest, std::fabs(b[i]));
      if (std::isfinite(b32[i])) keras = std::max(keras, std::fabs(b32[i] - b[i]));
    }
    double tolerance = !real                              ? 0
                       : actual.dtype() == DType::float64 ? 1e-9 * std::max(1.0, largest)
                                                          : 4 * std::max(keras, 1e-6 * largest);
    if (const Config* floors = c.find("floor"); floors && floors->contains(what)) {
      tolerance = std::max(tolerance, floors->at(what).as_real());
    }
    for (std::size_t i = 0; i < b.size(); ++i) {
      const double wanted = c.contains("differs") && actual.dtype() != DType::float64 ? b32[i] : b[i];
      if (a[i] == wanted || (std::isnan(a[i]) && std::isnan(wanted))) continue;
      if (std::fabs(a[i] - wanted) <= tolerance) continue;  // false for NaN
      return ::testing::AssertionFailure()
             << key << " (" << actual.dtype().name() << "): element " << i << " is " << a[i] << ", Keras has " << wanted
             << "; off by " << std::fabs(a[i] - wanted) << ", tolerance " << tolerance;
    }
    return ::testing::AssertionSuccess();
  }

 private:
  Config cases_;
  std::map<std::string, Array> arrays_;
};

}  // namespace keras::testing
