#include "saving/context.h"

#include <keras/error.h>

namespace keras::saving {

void rethrow_within(const std::string& what, const std::string& unless) {
  const auto text = [&](const Error& error) {
    const std::string message = error.what();
    const bool said = unless.empty() ? message.starts_with(what) : message.find(unless) != std::string::npos;
    return said ? message : what + ": " + message;
  };
  try {
    throw;
  } catch (const TypeError& error) {
    throw TypeError(text(error));
  } catch (const ValueError& error) {
    throw ValueError(text(error));
  } catch (const NotImplementedError& error) {
    throw NotImplementedError(text(error));
  } catch (const IOError& error) {
    throw IOError(text(error));
  } catch (const Error& error) {
    throw RuntimeError(text(error));
  }
}

}  // namespace keras::saving
