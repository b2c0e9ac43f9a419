// plot_model: the graph of model_to_dot drawn by the Graphviz library.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/utils.h>

#include "support/files.h"
#include "support/text.h"

#ifdef KERAS_WITH_GRAPHVIZ
#include <graphviz/gvc.h>

#include <memory>
#include <mutex>
#endif

namespace keras::utils {
namespace {

#ifdef KERAS_WITH_GRAPHVIZ

std::string& messages() {  // of Graphviz, which has one place for them
  static std::string text;
  return text;
}
int on_message(char* text) {
  try {
    if (messages().size() < 1000) messages() += text;
  } catch (...) {  // no exception may cross the library
  }
  return 0;
}

std::string drawn(const std::string& dot, const std::string& format, const std::string& to_file) {
  // The library is not made for threads, and a context loads plug-ins, which stay: one lock and one context for all.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static GVC_t* const context = gvContext();
  const agusererrf before = agseterrf(on_message);
  messages().clear();
  const auto fail = [&](const char* what) {
    const std::string said(support::trim(messages()));
    return IOError(fmt::format("plot_model: {}: Graphviz {}{}{}", to_file, what, said.empty() ? "." : ": ", said));
  };
  struct Restore {
    agusererrf before;
    ~Restore() { agseterrf(before); }
  } restore{before};
  const std::unique_ptr<Agraph_t, int (*)(Agraph_t*)> graph(agmemread(dot.c_str()), agclose);
  if (!graph) throw fail("cannot read the graph");
  if (gvLayout(context, graph.get(), "dot") != 0) throw fail("cannot lay out the graph");
  char* data = nullptr;
  unsigned length = 0;
  const int failed = gvRenderData(context, graph.get(), format.c_str(), &data, &length);
  std::string out = failed == 0 && data ? std::string(data, length) : std::string();
  if (data) gvFreeRenderData(data);
  gvFreeLayout(context, graph.get());
  if (out.empty()) throw fail(fmt::format("cannot draw as «{}»", format).c_str());
  return out;
}

#else

std::string drawn(const std::string&, const std::string& format, const std::string& to_file) {
  throw NotImplementedError(
      fmt::format("plot_model: {}: this build of keras.cpp has no Graphviz library, so it writes no «{}», only the "
                  "graph's text: name the file .dot. Or install Graphviz (Debian: libgraphviz-dev), then configure and "
                  "build again.",
                  to_file, format));
}

#endif

}  // namespace

void plot_model(const Model& model, PlotModelArgs args) {
  const std::string dot = model_to_dot(model, {.show_shapes = args.show_shapes,
                                               .show_dtype = args.show_dtype,
                                               .show_layer_names = args.show_layer_names,
                                               .rankdir = args.rankdir,
                                               .expand_nested = args.expand_nested,
                                               .dpi = args.dpi,
                                               .show_layer_activations = args.show_layer_activations,
                                               .show_trainable = args.show_trainable,
                                               .splines = args.splines});
  const std::size_t point = args.to_file.find_last_of("./");
  const bool suffix = point != std::string::npos && args.to_file[point] == '.';
  const std::string format = suffix ? support::lower(args.to_file.substr(point + 1)) : "png";
  support::write_file(args.to_file, format == "dot" || format == "gv" ? dot : drawn(dot, format, args.to_file));
}

}  // namespace keras::utils
