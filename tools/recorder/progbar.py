"""What Keras's progress bar prints: the callback of fit, evaluate and predict, driven by hand with a clock of our own."""
import contextlib
import io
import sys

from keras.src.callbacks.progbar_logger import ProgbarLogger
from keras.src.utils import progbar

from .common import keras  # noqa: F401

START = 1024.0  # and all times are multiples of 1/1024, so that differences are exact


class Clock:
    """Stands in for the module `time`."""

    now = START

    @classmethod
    def time(cls):
        return cls.now


def ordered(logs):
    """As Keras's trainer orders figures: by name, those of the validation last."""
    return dict(sorted(logs, key=lambda item: (item[0].startswith("val_"), item[0])))


def events_of_epoch(epoch, begin, times, figures, validation=None, end=None):
    """One epoch: `times[i]` ends step i, `figures(i)` are its (name, value)s, loss first."""
    events = [[begin, "on_epoch_begin", epoch, []]]
    for batch, at in enumerate(times):
        events.append([at, "on_train_batch_end", batch, figures(batch)])
    events.append([end or times[-1], "on_epoch_end", epoch, figures(len(times) - 1) + (validation or [])])
    return events


def run(verbose, epochs, steps, events, encoding):
    """What the callback prints."""
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding=encoding, newline="\n", write_through=True)
    Clock.now = START
    logger = ProgbarLogger()
    with contextlib.redirect_stdout(stdout):
        logger.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})
        for at, hook, index, logs in events:
            Clock.now = START + at
            function = getattr(logger, hook)
            function(ordered(logs)) if index is None else function(index, ordered(logs))
    return raw.getvalue().decode(encoding)


def cases():
    k = 1 / 1024

    def falling(step):
        return [["loss", round(2.5 / (step + 1), 6)], ["accuracy", round(1 - 0.5 / (step + 1), 6)]]

    def only_loss(step):
        return [["loss", 0.25 * (step + 1)]]
    train = [[0, "on_train_begin", None, []]]
    # Steps of 2, 20 and 100 ms: most are not drawn. The first one is slow.
    quick = [0.5] + [0.5 + 2 * k * i for i in range(1, 110)]
    yield "fit_quick", 1, 2, 110, train + events_of_epoch(0, 0, quick, falling) + \
        events_of_epoch(1, 2, [2 + 20 * k * (i + 1) for i in range(110)], falling)
    yield "fit_one_epoch", 1, 1, 7, train + events_of_epoch(0, 0, [100 * k * (i + 1) for i in range(7)], falling)
    yield "fit_one_step", 1, 3, 1, train + events_of_epoch(0, 0, [0.75], only_loss) + events_of_epoch(1, 1, [1.0 + 5 * k], only_loss)
    yield "fit_validation", 1, 2, 12, train + [
        e for epoch in (0, 1) for e in
        events_of_epoch(epoch, 4 * epoch, [4 * epoch + 60 * k * (i + 1) for i in range(12)], falling,
                        [["val_loss", 0.75 + epoch], ["val_accuracy", 0.5]], 4 * epoch + 1.5)[:-1] +
        [[4 * epoch + 1, "on_test_begin", None, []], [4 * epoch + 1.25, "on_test_batch_end", 0, only_loss(0)],
         [4 * epoch + 1.5, "on_test_end", None, only_loss(0)]] +
        events_of_epoch(epoch, 4 * epoch, [4 * epoch + 60 * k * (i + 1) for i in range(12)], falling,
                        [["val_loss", 0.75 + epoch], ["val_accuracy", 0.5]], 4 * epoch + 1.5)[-1:]]
    yield "fit_unknown_steps", 1, 2, None, train + events_of_epoch(0, 0, [70 * k * (i + 1) for i in range(5)], falling) + \
        events_of_epoch(1, 1, [1 + 70 * k * (i + 1) for i in range(5)], falling)
    yield "fit_long", 1, 1, 100000, train + events_of_epoch(0, 0, [2 * (i + 1) for i in range(4)], only_loss)[:-1]
    yield "fit_minutes", 1, 1, 1000, train + events_of_epoch(0, 0, [0.25 * (i + 1) for i in range(9)], only_loss)[:-1]
    yield "fit_microseconds", 1, 1, 100000, train + [[0, "on_epoch_begin", 0, []], [k, "on_train_batch_end", 0, only_loss(0)],
                                                    [60 * k, "on_train_batch_end", 99998, only_loss(0)],
                                                    [61 * k, "on_train_batch_end", 99999, only_loss(1)], [61 * k, "on_epoch_end", 0, only_loss(1)]]
    # Figures of very different size: the line gets shorter and longer.
    sizes = [123456.75, 1e-3, 1.5e-3, -0.25, 3e-9, 0.0, -2e-4, float("nan"), float("inf"), 1.0]
    yield "fit_sizes", 1, 1, 10, train + events_of_epoch(0, 0, [60 * k * (i + 1) for i in range(10)], lambda i: [["loss", sizes[i]]])
    yield "fit_new_figures", 1, 1, 4, train + events_of_epoch(0, 0, [60 * k * (i + 1) for i in range(4)],
                                                              lambda i: [["loss", 1.0]] + [["zeta", 2.0], ["alpha", 3.0]][:i])
    yield "fit_brief", 2, 3, 12, train + events_of_epoch(0, 0, quick[:12], falling, [["val_loss", 0.5], ["val_accuracy", 0.75]], 3) + \
        events_of_epoch(1, 4, [4 + k * (i + 1) for i in range(12)], falling) + \
        events_of_epoch(2, 5, [5 + k * (i + 1) for i in range(12)], lambda i: [["loss", -0.5], ["small", 1e-4], ["odd", float("nan")]])
    yield "fit_brief_one_epoch", 2, 1, 3, train + events_of_epoch(0, 0, [2.0, 4.0, 6.0], falling)
    yield "fit_brief_unknown_steps", 2, 2, None, train + events_of_epoch(0, 0, [1.0, 2.0, 3.0], falling) + \
        events_of_epoch(1, 4, [5.0, 6.0, 7.0], falling)
    test = [[0, "on_test_begin", None, []]] + [[80 * k * (i + 1), "on_test_batch_end", i, falling(i)] for i in range(5)] + \
        [[0.5, "on_test_end", None, falling(4)]]
    yield "evaluate", 1, 1, 5, test
    yield "evaluate_brief", 2, 1, 5, test
    predict = [[0, "on_predict_begin", None, []]] + [[80 * k * (i + 1), "on_predict_batch_end", i, []] for i in range(5)] + \
        [[0.5, "on_predict_end", None, []]]
    yield "predict", 1, 1, 5, predict
    yield "predict_brief", 2, 1, 5, predict


def record(recorder, arguments):
    real = progbar.time
    progbar.time = Clock
    try:
        for name, verbose, epochs, steps, events in cases():
            for encoding in ("utf-8", "ascii") if name == "fit_one_epoch" else ("utf-8",):
                text = run(verbose, epochs, steps, events, encoding)
                recorder.add(name if encoding == "utf-8" else f"{name}_ascii", verbose=verbose, epochs=epochs, steps=steps,
                             ascii=encoding == "ascii", start=START, events=events, text=text)
    finally:
        progbar.time = real
    sys.stdout.flush()
