#!/usr/bin/env python3
"""Run one benchmark workload on one peer and print one JSON line.

    peers.py ENGINE WORKLOAD [--data DIR] [--seconds S]

ENGINE    keras-tensorflow | keras-jax | keras-torch | tf_keras | torch | torch-compile | onnxruntime
WORKLOAD  see WORKLOADS at the end. Each prints {"engine","workload","value","unit",...}; every figure is a
          median over repeats after a warm-up that is not counted (compilation is reported apart, as "first_s").

The workloads are the project's yardstick: same shapes, same data, same number of steps on every engine.
"""
import argparse, json, os, statistics, sys, time

ap = argparse.ArgumentParser()
ap.add_argument("engine"); ap.add_argument("workload")
ap.add_argument("--data", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "mnist"))
ap.add_argument("--seconds", type=float, default=20.0)
ap.add_argument("--threads", type=int, default=0, help="pin to so many of the processors; 0: all")
A = ap.parse_args()
if A.threads: os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:A.threads]))
T0 = time.perf_counter()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if A.engine.startswith("keras-"): os.environ["KERAS_BACKEND"] = A.engine[6:]
import numpy as np
is_keras = A.engine.startswith("keras-") or A.engine == "tf_keras"
if A.engine == "tf_keras":
    os.environ["TF_USE_LEGACY_KERAS"] = "1"; import tf_keras as keras
elif is_keras: import keras
else: import torch
IMPORT_S = time.perf_counter() - T0

def emit(value, unit, **extra):
    print(json.dumps(dict(engine=A.engine, workload=A.workload, value=value, unit=unit, import_s=round(IMPORT_S, 3), threads=len(os.sched_getaffinity(0)), **extra)), flush=True)

def repeat(fn, at_least=5):
    """Median seconds of fn() after one uncounted call, within the time budget."""
    t = time.perf_counter(); fn(); first = time.perf_counter() - t
    w = time.perf_counter() + min(1.0, A.seconds / 5); fn()
    while time.perf_counter() < w: fn()
    ts, end = [], time.perf_counter() + A.seconds
    while len(ts) < at_least or (time.perf_counter() < end and len(ts) < 20000):
        t = time.perf_counter(); fn(); ts.append(time.perf_counter() - t)
        if time.perf_counter() > end and len(ts) >= 3: break
    return statistics.median(ts), first, len(ts)

def mnist():
    d = np.load(os.path.join(A.data, "mnist.npz"))
    return d["x_train"], d["y_train"], d["x_test"], d["y_test"]

# ---------------------------------------------------------------- models
def k_mlp(L=None):
    L = keras.layers
    return keras.Sequential([L.Input((784,)), L.Dense(400), L.Activation("relu"), L.Dense(10), L.Activation("softmax")])

def k_cnn():
    L = keras.layers
    return keras.Sequential([L.Input((28, 28, 1)), L.Conv2D(32, 3, activation="relu"), L.Conv2D(64, 3, activation="relu"),
        L.MaxPooling2D(2), L.Dropout(0.25), L.Flatten(), L.Dense(128, activation="relu"), L.Dropout(0.5), L.Dense(10, activation="softmax")])

def k_unet(n=128):
    L = keras.layers
    def block(x, c): return L.Conv2D(c, 3, padding="same", activation="relu")(L.Conv2D(c, 3, padding="same", activation="relu")(x))
    i = L.Input((n, n, 1)); skips = []; x = i
    for c in (32, 64, 128): x = block(x, c); skips.append(x); x = L.MaxPooling2D(2)(x)
    x = block(x, 256)
    for c, s in zip((128, 64, 32), reversed(skips)):
        x = L.Concatenate()([L.Conv2DTranspose(c, 2, strides=2, padding="same")(x), s]); x = block(x, c)
    return keras.Model(i, L.Conv2D(1, 1, activation="sigmoid")(x))

def k_lstm():
    L = keras.layers
    return keras.Sequential([L.Input((80,), dtype="int32"), L.Embedding(20000, 128), L.LSTM(128), L.Dense(1, activation="sigmoid")])

def t_mlp():
    import torch.nn as nn; return nn.Sequential(nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 10))
def t_cnn():
    import torch.nn as nn
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))
def t_unet():
    import torch.nn as nn
    class U(nn.Module):
        def __init__(s):
            super().__init__()
            b = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU())
            s.d = nn.ModuleList([b(1, 32), b(32, 64), b(64, 128)]); s.m = b(128, 256)
            s.u = nn.ModuleList([nn.ConvTranspose2d(256, 128, 2, 2), nn.ConvTranspose2d(128, 64, 2, 2), nn.ConvTranspose2d(64, 32, 2, 2)])
            s.e = nn.ModuleList([b(256, 128), b(128, 64), b(64, 32)]); s.o = nn.Conv2d(32, 1, 1)
        def forward(s, x):
            k = []
            for d in s.d: x = d(x); k.append(x); x = torch.max_pool2d(x, 2)
            x = s.m(x)
            for u, e, q in zip(s.u, s.e, reversed(k)): x = e(torch.cat([u(x), q], 1))
            return s.o(x)
    return U()
def t_lstm():
    import torch.nn as nn
    class M(nn.Module):
        def __init__(s): super().__init__(); s.e = nn.Embedding(20000, 128); s.l = nn.LSTM(128, 128, batch_first=True); s.o = nn.Linear(128, 1)
        def forward(s, x): return s.o(s.l(s.e(x))[0][:, -1])
    return M()

RNG = np.random.default_rng(0)
def random_batch(kind, n):
    if kind == "unet": return RNG.random((n, 128, 128, 1), np.float32), (RNG.random((n, 128, 128, 1)) > 0.5).astype(np.float32)
    if kind == "lstm": return RNG.integers(1, 20000, (n, 80)).astype(np.int32), (RNG.random((n, 1)) > 0.5).astype(np.float32)
    if kind == "vgg": return RNG.random((n, 224, 224, 3), np.float32), np.eye(1000, dtype=np.float32)[RNG.integers(0, 1000, n)]

# ---------------------------------------------------------------- training
def fit_epochs(kind, epochs, batch, limit=None):
    xtr, ytr, xte, yte = mnist()
    if limit: xtr, ytr = xtr[:limit], ytr[:limit]
    shape = (-1, 784) if kind == "mlp" else (-1, 28, 28, 1)
    xtr = xtr.reshape(shape).astype(np.float32) / 255; xte = xte.reshape(shape).astype(np.float32) / 255
    if is_keras:
        m = k_mlp() if kind == "mlp" else k_cnn()
        opt = keras.optimizers.RMSprop(0.001, rho=0.9, epsilon=1e-8) if kind == "mlp" else keras.optimizers.Adadelta(1.0, rho=0.95, epsilon=1e-7)
        m.compile(optimizer=opt, loss="categorical_crossentropy", metrics=["accuracy"])
        Y = np.eye(10, dtype=np.float32)
        class Clock(keras.callbacks.Callback):
            t = []
            def on_epoch_begin(s, e, logs=None): s.b = time.perf_counter()
            def on_epoch_end(s, e, logs=None): s.t.append(time.perf_counter() - s.b)
        c = Clock(); t = time.perf_counter()
        m.fit(xtr, Y[ytr], epochs=epochs, batch_size=batch, verbose=0, callbacks=[c]); total = time.perf_counter() - t
        loss, acc = m.evaluate(xte, Y[yte], verbose=0)
        times = c.t
    else:
        import torch.nn.functional as F
        m = t_mlp() if kind == "mlp" else t_cnn()
        opt = torch.optim.RMSprop(m.parameters(), 0.001, 0.9, 1e-8) if kind == "mlp" else torch.optim.Adadelta(m.parameters(), 1.0, 0.95, 1e-7)
        if kind == "cnn":
            xtr = np.ascontiguousarray(xtr.transpose(0, 3, 1, 2)); xte = np.ascontiguousarray(xte.transpose(0, 3, 1, 2)); m = m.to(memory_format=torch.channels_last)
        X, Yt, XE, YE = map(torch.from_numpy, (xtr, ytr.astype(np.int64), xte, yte.astype(np.int64)))
        fwd = torch.compile(m) if A.engine == "torch-compile" else m
        times = []; t = time.perf_counter()
        for e in range(epochs):
            b = time.perf_counter(); m.train(); perm = torch.randperm(len(X)); correct = 0
            for i in range(0, len(X), batch):
                j = perm[i:i + batch]; opt.zero_grad(set_to_none=True); p = fwd(X[j]); l = F.cross_entropy(p, Yt[j]); l.backward(); opt.step(); correct += (p.argmax(1) == Yt[j]).sum()
            times.append(time.perf_counter() - b)
        total = time.perf_counter() - t
        m.eval()
        with torch.no_grad(): p = m(XE); loss = F.cross_entropy(p, YE).item(); acc = (p.argmax(1) == YE).float().mean().item()
    emit(statistics.median(times[1:] or times), "s/epoch", total_s=total, first_s=times[0], test_loss=loss, test_accuracy=acc, epochs=epochs, batch=batch, samples=len(xtr))

def train_step(kind, batch):
    x, y = random_batch(kind, batch)
    if is_keras:
        m = {"unet": k_unet, "lstm": k_lstm}[kind]() if kind != "vgg" else keras.applications.VGG16(weights=None)
        m.compile(optimizer=keras.optimizers.Adam(1e-5), loss="categorical_crossentropy" if kind == "vgg" else "binary_crossentropy")
        f = lambda: float(m.train_on_batch(x, y))
    else:
        import torch.nn.functional as F
        if kind == "vgg":
            import torchvision; m = torchvision.models.vgg16(weights=None)
        else: m = {"unet": t_unet, "lstm": t_lstm}[kind]()
        if kind != "lstm": x = x.transpose(0, 3, 1, 2); m = m.to(memory_format=torch.channels_last)
        if kind == "unet": y = y.transpose(0, 3, 1, 2)
        X, Y = torch.from_numpy(np.ascontiguousarray(x)), torch.from_numpy(np.ascontiguousarray(y))
        if kind != "lstm": X = X.to(memory_format=torch.channels_last)
        if kind == "lstm": X = X.long()
        opt = torch.optim.Adam(m.parameters(), 1e-5, fused=True); fwd = torch.compile(m) if A.engine == "torch-compile" else m; m.train()
        loss = F.cross_entropy if kind == "vgg" else F.binary_cross_entropy_with_logits
        def f():
            opt.zero_grad(set_to_none=True); l = loss(fwd(X), Y); l.backward(); opt.step(); return l.item()
    v, first, n = repeat(f, 3); emit(v * 1e3, "ms/step", first_s=first, repeats=n, batch=batch)

# ---------------------------------------------------------------- inference
def infer(name, batch):
    x = RNG.random((batch, 224, 224, 3), np.float32)
    if is_keras:
        m = {"vgg16": "VGG16", "resnet50": "ResNet50", "mobilenet": "MobileNetV2"}[name]
        m = getattr(keras.applications, m)(weights=None)
        f = lambda: m.predict_on_batch(x)
    elif A.engine == "onnxruntime":
        import onnxruntime as ort, torchvision, tempfile
        tm = {"vgg16": torchvision.models.vgg16, "resnet50": torchvision.models.resnet50, "mobilenet": torchvision.models.mobilenet_v2}[name](weights=None).eval()
        p = os.path.join(tempfile.mkdtemp(), "m.onnx"); torch.onnx.export(tm, torch.zeros(batch, 3, 224, 224), p, dynamo=False)
        s = ort.InferenceSession(p, providers=["CPUExecutionProvider"]); xi = np.ascontiguousarray(x.transpose(0, 3, 1, 2)); k = s.get_inputs()[0].name
        f = lambda: s.run(None, {k: xi})
    else:
        import torchvision
        m = {"vgg16": torchvision.models.vgg16, "resnet50": torchvision.models.resnet50, "mobilenet": torchvision.models.mobilenet_v2}[name](weights=None).eval().to(memory_format=torch.channels_last)
        X = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))).to(memory_format=torch.channels_last)
        g = torch.compile(m) if A.engine == "torch-compile" else m
        def f():
            with torch.inference_mode(): return g(X)
    v, first, n = repeat(f, 3); emit(v * 1e3, "ms/batch", first_s=first, repeats=n, batch=batch)

def predict_small():
    x = RNG.random((1, 784), np.float32)
    if is_keras: m = k_mlp(); f = lambda: m.predict(x, verbose=0)
    else:
        m = t_mlp().eval(); X = torch.from_numpy(x)
        def f():
            with torch.inference_mode(): return torch.softmax(m(X), -1)
    v, first, n = repeat(f); emit(v * 1e6, "us/call", first_s=first, repeats=n)

def train_on_batch():
    """One step of the primer's first example: Dense(1), mse, sgd, all 160 samples."""
    x = RNG.random((160, 1), np.float32); y = 0.5 * x + 2
    if is_keras:
        m = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)]); m.compile(loss="mse", optimizer="sgd"); f = lambda: float(m.train_on_batch(x, y))
    else:
        m = torch.nn.Linear(1, 1); o = torch.optim.SGD(m.parameters(), 0.01); X, Y = torch.from_numpy(x), torch.from_numpy(y)
        def f(): o.zero_grad(); l = ((m(X) - Y) ** 2).mean(); l.backward(); o.step(); return l.item()
    v, first, n = repeat(f); emit(v * 1e6, "us/call", first_s=first, repeats=n)

def lstm_infer(batch):
    x, _ = random_batch("lstm", batch)
    if is_keras: m = k_lstm(); f = lambda: m.predict_on_batch(x)
    else:
        m = t_lstm().eval(); X = torch.from_numpy(x).long()
        def f():
            with torch.inference_mode(): return m(X)
    v, first, n = repeat(f, 3); emit(v * 1e3, "ms/batch", first_s=first, repeats=n, batch=batch)

def regressor():
    """The whole of the primer's first example in one process, import included."""
    np.random.seed(1337)
    X = np.linspace(-1, 1, 200); np.random.shuffle(X); Y = 0.5 * X + 2 + np.random.normal(0, 0.05, (200,))
    if is_keras:
        m = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)]); m.compile(loss="mse", optimizer="sgd")
        for s in range(301): m.train_on_batch(X[:160].reshape(-1, 1), Y[:160].reshape(-1, 1))
        cost = m.evaluate(X[160:].reshape(-1, 1), Y[160:].reshape(-1, 1), batch_size=40, verbose=0)
    else:
        m = torch.nn.Linear(1, 1); o = torch.optim.SGD(m.parameters(), 0.01); x, y = [torch.from_numpy(a.reshape(-1, 1).astype(np.float32)) for a in (X, Y)]
        for s in range(301): o.zero_grad(); l = ((m(x[:160]) - y[:160]) ** 2).mean(); l.backward(); o.step()
        cost = ((m(x[160:]) - y[160:]) ** 2).mean().item()
    emit(time.perf_counter() - T0, "s/process", test_cost=float(cost))

def augment():
    """ImageDataGenerator: random affine + flip on CIFAR-like 32x32 and 150x150 images, images per second."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator
    out = {}
    for n, side in ((2000, 32), (200, 150)):
        x = (RNG.random((n, side, side, 3)) * 255).astype(np.float32)
        g = ImageDataGenerator(rotation_range=40, width_shift_range=0.2, height_shift_range=0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True, fill_mode="nearest").flow(x, batch_size=32)
        t = time.perf_counter(); c = 0
        while c < n: c += len(next(g))
        out[f"img_s_{side}"] = c / (time.perf_counter() - t)
    emit(out["img_s_150"], "images/s", **out)

WORKLOADS = {
    "regressor": regressor,
    "mnist_mlp": lambda: fit_epochs("mlp", 4, 32),
    "mnist_cnn": lambda: fit_epochs("cnn", 4, 128, 12000),
    "predict_small": predict_small, "train_on_batch": train_on_batch,
    "vgg16_infer_1": lambda: infer("vgg16", 1), "vgg16_infer_8": lambda: infer("vgg16", 8),
    "resnet50_infer_1": lambda: infer("resnet50", 1), "mobilenet_infer_1": lambda: infer("mobilenet", 1),
    "vgg16_train_4": lambda: train_step("vgg", 4), "unet_train_4": lambda: train_step("unet", 4),
    "lstm_train_32": lambda: train_step("lstm", 32), "lstm_infer_32": lambda: lstm_infer(32),
    "augment": augment,
}
if (A.engine == "onnxruntime" and ("_infer_" not in A.workload or A.workload.startswith("lstm"))
        or A.engine == "torch-compile" and A.workload in ("regressor", "predict_small", "train_on_batch", "lstm_infer_32")
        or A.workload == "augment" and not A.engine.startswith("keras-")):
    sys.exit(f"{A.engine} does not run {A.workload}")
WORKLOADS[A.workload]()
