// Real model files with 1 to 8 bytes changed, or cut short, read as a user reads them, each file in a child process: an
// Error that names the file, or what differs from the whole file only by what the changed bytes say (judge has the rule
// of each kind, docs/design/testing.md the words), in 10 s and 4 times the file's memory. KERAS_DAMAGED_FILES=20000
// changes, of all files, and every cut; by default 1,500 of those below 300 kB, and few cuts.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>

#include "tests/damaged/heap.h"
#include "tests/damaged/victims.h"

namespace keras::testing {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSeconds = kSanitized ? 120 : 10;
// Beyond 4 times the file: what data sets may claim without having it there (16 MiB, docs/design/support.md), and the
// model with its layers and texts.
constexpr std::size_t kTimes = 4, kAnyway = 20 << 20;

struct Change {
  std::map<std::size_t, char> bytes;  // what stands where
  std::string str() const {
    std::string text;
    for (const auto& [at, byte] : bytes)
      text += (text.empty() ? "" : ", ") + std::to_string(at) + "=" + std::to_string(static_cast<unsigned char>(byte));
    return text;
  }
};

// Places among what says how to read the rest: half of the changes are there.
std::vector<std::size_t> structure_of(const Victim& victim) {
  std::vector<std::size_t> places;
  const std::string& whole = victim.whole();
  if (whole.starts_with("PK")) {  // headers, and the directory at the end
    constexpr std::size_t kHeader = 60;
    for (std::size_t at = whole.find("PK"); at != std::string::npos; at = whole.find("PK", at + 1))
      for (std::size_t i = at; i < std::min(at + kHeader, whole.size()); ++i) places.push_back(i);
  } else if (victim.has_plain()) {
    for (std::size_t i = 0; i < whole.size(); ++i)
      if (!victim.plain(i)) places.push_back(i);
  } else {
    for (std::size_t i = 0; i < whole.size(); ++i)
      if (std::string_view("{}[],:\"0123456789").find(whole[i]) != std::string_view::npos) places.push_back(i);
  }
  return places;
}

Change change_of(const Victim& victim, const std::vector<std::size_t>& structure, std::mt19937_64& random) {
  constexpr char kTelling[] = {'\0', '\1', '\x7f', '\x80', '\xff', '0', '9', ' '};
  const std::string& whole = victim.whole();
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  const std::size_t count = 1 + below(8);
  const bool anywhere = structure.empty() || below(2) == 0, together = below(2) == 0;
  const std::size_t first = anywhere ? below(whole.size()) : structure[below(structure.size())];
  Change change;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = together   ? (first + i) % whole.size()
                           : anywhere ? below(whole.size())
                                      : structure[below(structure.size())];
    const char byte = below(2) ? static_cast<char>(random()) : kTelling[below(sizeof kTelling)];
    change.bytes[at] = byte != whole[at] ? byte : static_cast<char>(byte ^ 1 << below(8));
  }
  return change;
}

// ---- what differs

std::size_t differences(const Config& a, const Config& b) {
  if (a == b) return 0;
  std::size_t count = 0;
  if (a.is_list() && b.is_list()) {
    const std::size_t both = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < both; ++i) count += differences(a.items()[i], b.items()[i]);
    return count + std::max(a.size(), b.size()) - both;
  }
  if (!a.is_map() || !b.is_map()) return 1;
  std::size_t gone = 0, come = 0;  // an entry of another name is both
  for (const auto& [key, value] : a.entries()) {
    const Config* other = b.find(key);
    other ? count += differences(value, *other) : ++gone;
  }
  for (const auto& [key, value] : b.entries()) come += !a.contains(key);
  return count + std::max(gone, come);
}

struct Differences {
  std::size_t elements = 0, entries = 0;
  std::set<std::string> layers;
};
Differences differences(const Seen& whole, const Seen& now) {
  Differences found;
  for (const auto& [name, numbers] : whole.arrays) {
    const auto other = now.arrays.find(name);
    if (other != now.arrays.end() && other->second == numbers) continue;
    if (now.warned && numbers.layer == "the optimizer") continue;
    found.layers.insert(numbers.layer);
    if (other == now.arrays.end() || other->second.shape != numbers.shape) {
      found.elements += numbers.bytes.size() / numbers.item;
      continue;
    }
    for (std::size_t at = 0; at < numbers.bytes.size(); at += numbers.item)
      found.elements += numbers.bytes.compare(at, numbers.item, other->second.bytes, at, numbers.item) != 0;
  }
  if (whole.config && now.config) found.entries = differences(*whole.config, *now.config);
  return found;
}

// What is wrong with what was read; "" if nothing is.
std::string judge(const Victim& victim, const Change& change, const Seen& now) {
  const Seen& whole = victim.seen();
  const Differences found = differences(whole, now);
  const std::size_t most = change.bytes.size();
  if (victim.refused()) return "";
  switch (victim.kind()) {
    case Kind::other_hdf5:
      return "";
    case Kind::model_zip:
      if (now == whole) return "";
      return "an archive was accepted, and " +
             (found.layers.empty() ? std::string("something differs") : *found.layers.begin() + " differs");
    case Kind::arrays:
      for (const auto& now_read : now.arrays) {
        const bool known = std::any_of(whole.arrays.begin(), whole.arrays.end(),
                                       [&](const auto& other) { return now_read.second == other.second; });
        if (!known) return "array " + now_read.first + " was accepted with other contents";
      }
      return "";
    case Kind::model_hdf5:
    case Kind::weights:
    case Kind::model_json:
      break;
  }
  const bool plain =
      std::all_of(change.bytes.begin(), change.bytes.end(), [&](const auto& byte) { return victim.plain(byte.first); });
  if (found.entries > most) return std::to_string(found.entries) + " entries of the configuration differ";
  if (plain && (found.elements > most || found.entries > 0))
    return "numbers were changed, and " + std::to_string(found.elements) + " elements differ";
  if (found.layers.size() > most) return std::to_string(found.layers.size()) + " layers differ";
  return "";
}

// ---- the child

// What a child tells while it runs, so that its parent knows what it died of.
struct Progress {
  char now[1000];
  std::size_t tries, errors, models, refused;
  std::size_t most;  // bytes of memory, beyond 4 times the file
};

class Child {
 public:
  Child(const std::string& path, std::size_t number, Progress& progress, FILE* failures)
      : victim_(path),
        random_(number + 1),
        progress_(progress),
        failures_(failures),
        at_(::testing::TempDir() + "keras_damaged_" + std::to_string(::getpid()) +
            fs::path(path).extension().string()) {
    progress_.refused += victim_.refused();
  }
  ~Child() { std::remove(at_.c_str()); }

  void change(std::size_t times) {
    const std::vector<std::size_t> structure = structure_of(victim_);
    for (std::size_t i = 0; i < times; ++i) {
      const Change change = change_of(victim_, structure, random_);
      std::string bytes = victim_.whole();
      for (const auto& [at, byte] : change.bytes) bytes[at] = byte;
      const bool plain = victim_.has_plain() && std::all_of(change.bytes.begin(), change.bytes.end(),
                                                            [&](const auto& b) { return victim_.plain(b.first); });
      attempt("bytes " + change.str(), bytes, [&](const std::optional<Seen>& now) {
        if (now) return judge(victim_, change, *now);
        const bool must =
            plain && !victim_.refused() && (victim_.kind() == Kind::model_hdf5 || victim_.kind() == Kind::weights);
        return std::string(must ? "only numbers were changed, and it is refused" : "");
      });
    }
  }

  void cut(std::size_t first, std::size_t step) {
    for (std::size_t percent = first; percent < 100; percent += step) {
      attempt("cut at " + std::to_string(percent) + " %",
              victim_.whole().substr(0, victim_.whole().size() * percent / 100), [&](const std::optional<Seen>& now) {
                const bool any = victim_.kind() == Kind::other_hdf5 || victim_.refused();
                return std::string(!now || any || *now == victim_.seen() ? "" : "it was accepted");
              });
    }
  }

 private:
  template <class Judge>
  void attempt(const std::string& what, const std::string& bytes, Judge judge) {
    std::snprintf(progress_.now, sizeof progress_.now, "%s", what.c_str());
    {
      FILE* file = std::fopen(at_.c_str(), "wb");
      if (!file || std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size() || std::fclose(file) != 0)
        std::abort();
    }
    ++progress_.tries;
    const std::size_t before = Heap::bytes();
    Heap::restart();
    std::optional<Seen> seen;
    std::string wrong;
    ::alarm(kSeconds);
    try {
      seen = victim_.read(at_);
      ++progress_.models;
    } catch (const Error& error) {
      ++progress_.errors;
      const std::string text = error.what();
      const bool named = text.find(at_) != std::string::npos || victim_.kind() == Kind::model_json;
      if (text.size() < 20 || !named) wrong = "the error does not name the file: " + text;
    } catch (const std::exception& error) {
      wrong = std::string("no Error of Keras: ") + error.what();
    }
    ::alarm(0);
    const std::size_t most = Heap::most() - std::min(before, Heap::most());
    const bool json = victim_.kind() == Kind::model_json;
    const std::size_t anyway = kAnyway + (json ? Victim::kMostNewWeights : 0), times = kTimes * victim_.whole().size();
    if (!json && most > times) progress_.most = std::max(progress_.most, most - times);
    if (wrong.empty()) wrong = judge(seen);
    if (wrong.empty() && most > times + anyway) wrong = "it took " + std::to_string(most) + " bytes of memory";
    if (wrong.empty()) return;
    std::fprintf(failures_, "%s: %s\n", what.c_str(), wrong.c_str());
    std::fflush(failures_);
  }

  Victim victim_;
  std::mt19937_64 random_;
  Progress& progress_;
  FILE* failures_;
  std::string at_;
};

std::vector<std::string> files(std::uintmax_t largest) {
  std::vector<std::string> folders{"/tests/golden", "/tests/data/models", "/tests/data/from_keras", "/tests/data/npy"};
  for (std::string& folder : folders) folder = test_root() + folder;
  if (const char* data = std::getenv("KERAS_TEST_DATA")) folders.push_back(std::string(data) + "/models");
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    for (const auto& entry : fs::recursive_directory_iterator(folders[i])) {
      const std::string path = entry.path().string();
      constexpr std::array kEnds = {".h5", ".hdf5", ".h5f", ".keras", ".npz", ".json"};
      const bool json = path.ends_with(".json");
      if (json && i < folders.size() - 1 && !path.ends_with("/dense.json")) continue;  // records, no models
      if (!entry.is_regular_file() || entry.file_size() > largest || entry.file_size() == 0) continue;
      if (std::any_of(kEnds.begin(), kEnds.end(), [&](const char* end) { return path.ends_with(end); }))
        paths.push_back(path);
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(DamagedFiles, AreErrorsOrDifferByWhatWasChanged) {
  const char* given = std::getenv("KERAS_DAMAGED_FILES");
  const char* only = std::getenv("KERAS_DAMAGED_ONLY");  // a part of the path
  const auto changes = static_cast<std::size_t>(given ? std::atoll(given) : kSanitized ? 400 : 1500);
  const std::vector<std::string> paths = files(given ? UINTMAX_MAX : 300'000);
  ASSERT_GE(paths.size(), 40U);
  auto* const progress = static_cast<Progress*>(
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(progress, MAP_FAILED);
  std::size_t done = 0, failures = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::size_t end = changes * (i + 1) / paths.size(), times = end - done;
    done = end;
    if (only && paths[i].find(only) == std::string::npos) continue;
    FILE* const found = std::tmpfile();
    std::snprintf(progress->now, sizeof progress->now, "the whole file");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        Child damage(paths[i], i, *progress, found);
        damage.change(times);
        given ? damage.cut(0, 1) : damage.cut(i % 25, 25);
      } catch (const std::exception& error) {
        std::fprintf(found, "%s: %s\n", progress->now, error.what());
        std::fflush(found);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::string wrong;
    std::rewind(found);
    char line[2000];
    while (std::fgets(line, sizeof line, found)) wrong += line, ++failures;
    std::fclose(found);
    if (WIFSIGNALED(status) || WEXITSTATUS(status) != 0) {
      ++failures;
      wrong += std::string(progress->now) + ": " +
               (!WIFSIGNALED(status)          ? "the process ended with " + std::to_string(WEXITSTATUS(status))
                : WTERMSIG(status) == SIGALRM ? "it takes more than " + std::to_string(kSeconds) + " s"
                                              : "signal " + std::to_string(WTERMSIG(status)));
    }
    if (!wrong.empty()) ADD_FAILURE() << paths[i] << " (file " << i << ")\n" << wrong;
  }
  std::printf(
      "%zu files (%zu refused whole); %zu damaged ones: %zu errors, %zu read; %zu wrong; memory of 4 times the file "
      "and %zu bytes\n",
      paths.size(), progress->refused, progress->tries, progress->errors, progress->models, failures, progress->most);
  EXPECT_LT(progress->refused, paths.size() / 10);
  EXPECT_GT(progress->errors, progress->tries / 10);
  EXPECT_GT(progress->models, progress->tries / 100);
}

}  // namespace
}  // namespace keras::testing
