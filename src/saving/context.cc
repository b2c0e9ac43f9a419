#include "saving/context.h"

#include <keras/error.h>

namespace keras::saving {

void rethrow_within(const std::string& what) {
  const auto text = [&](const Error& error) {
    const std::string message = error.what();
    return message.starts_with(what) ? message : what + ": " + message;
  };
  try {
    throw;
  } catch (const TypeError& error) {
    throw TypeError(text(error));
  } catch (const ValueError& error) {
    throw ValueError(text(error));
  } catch (const NotImplementedError& error) {
    throw NotImplementedError(text(error));
  } catch (const Error& error) {
    throw RuntimeError(text(error));
  }
}

}  // namespace keras::saving
