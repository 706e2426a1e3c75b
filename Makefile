# make demo   installs what is missing, builds, and shows a sample from model.bin to an emulated Cortex-M0
# make test   installs what is missing, builds, and runs every test
# `make help` lists the rest.

NNCGEN := .build/release/nncgen
MODELS ?=

.PHONY: help setup build release demo test conformance layers record-goldens record-fixtures samples lint profiles costs calibrate bench benchmark compressed compression compression-models compression-statistics front onnx-node-tests exported-models record-exported record-onnx keras-models float-models clean

help:
	@echo "make demo             a sample from model.bin to an emulated core"
	@echo "make test             every test"
	@echo "make conformance MODELS=DIR   verifies every model of a folder (model.*, input.npy, output.npy)"
	@echo "make layers MODELS=DIR        compares every tensor with the tflite-micro package"
	@echo "make profiles MODELS=DIR      measures every model of a folder on the simulated Cortex-M0"
	@echo "make costs MODELS=DIR         compares the modelled cycles of a folder's models with simulated ones"
	@echo "make calibrate        measures the cost tables of the kernels anew"
	@echo "make release          the static binary build/nncgen, which works alone in any directory"
	@echo "make bench            speed of the simulator; time of emit, and the size of what it writes, for MODELS=DIR"
	@echo "make benchmark MODELS=DIR     cycles, flash and RAM of a folder's models beside another tool's figures"
	@echo "make compressed       cycles and flash of one network with weights of 8 bits, pruned, and of few bits"
	@echo "make compression      what each way to compress the digits network costs and buys (TARGET=cortex-m0)"
	@echo "make compression-models MODELS=DIR  lossless and data-free 4-bit compression of a folder's models"
	@echo "make compression-statistics   compares the figures of compress --report with NumPy's"
	@echo "make front MODEL=FILE         fewest cycles of a model within five budgets of flash (TARGET=cortex-m0)"
	@echo "make lint             checks the form of the Swift sources"
	@echo "make record-goldens   records the golden files of the tests anew"
	@echo "make record-fixtures  records the operator models with the tflite-micro package anew"
	@echo "make onnx-node-tests  runs the node tests of the onnx package: passed, refused with the reasons, wrong"
	@echo "make exported-models  exports networks of PyTorch, scikit-learn and Keras, quantizes one, and runs them beside ONNX Runtime"
	@echo "make record-exported  writes the exported models of the tests anew"
	@echo "make record-onnx      writes the small ONNX models of the tests anew, with vectors of ONNX Runtime"
	@echo "make keras-models     converts networks of Keras in five forms and compares: identical, decibels, or refused and why"
	@echo "make float-models MODELS=DIR  quantizes a folder's float networks by every choice of ranges: decibels, flash, cycles"
	@echo "make samples          trains the sample networks anew"

setup:
	@Tests/Tools/setup.sh

build: setup
	swift build -c release --product nncgen

# The objects of the build linked once more, with Swift's libraries inside: `swift build --static-swift-stdlib` would compile all
# of them anew. In an executable that tests may import, the package manager calls the entry point by the module's name.
release: build
	mkdir -p build
	swiftc -static-stdlib -emit-executable -o build/nncgen @.build/release/nncgen.product/Objects.LinkFileList \
	  -Xlinker --gc-sections -Xlinker --defsym=main=nncgen_main
	strip build/nncgen

demo: build
	@Samples/demo.sh $(NNCGEN)

# Without testable imports, which the tests don't need: with them all modules would be compiled anew.
test: setup
	swift test -c release --disable-testable-imports
	@$(MAKE) --no-print-directory -C Samples/firmware NNCGEN=$(abspath $(NNCGEN)) run

# Every folder below MODELS that holds a model with vectors; also on the emulated core, unless its name is in HOST_ONLY.
conformance: build
	@Tests/Tools/conformance.sh $(NNCGEN) "$(MODELS)"

# Every tensor of every model against the tflite-micro package.
layers: build .venv/fixtures
	.venv/bin/python Tests/Tools/layers.py $(NNCGEN) "$(MODELS)"

# Twice, because simulated cycles repeat exactly.
profiles: build
	@Tests/Tools/profiles.sh $(NNCGEN) "$(MODELS)"

DEVTOOL := .build/release/devtool
MODEL_FILES = $(shell find $(MODELS) -name 'model.*' -type f | sort)

costs: setup
	swift build -c release --product devtool
	$(DEVTOOL) check cortex-m0 $(MODEL_FILES)
	$(DEVTOOL) check cortex-m0-mul32 $(MODEL_FILES)
	$(DEVTOOL) check cortex-m0plus $(MODEL_FILES)

calibrate: setup
	swift build -c release --product devtool
	for core in cortex-m0 cortex-m0-mul32 cortex-m0plus avr avr6; do \
	  $(DEVTOOL) calibrate $$core Targets/costs/$$core.json || exit 1; \
	done

bench: build
	swift build -c release --product devtool
	@$(DEVTOOL) speed Samples/digits/model.bin
	@Tests/Tools/bench.sh $(NNCGEN) "$(MODELS)"

OPTIMIZE ?= speed
MODEL ?=
TARGET ?= cortex-m0

benchmark: build
	@python3 Tests/Tools/benchmark.py $(NNCGEN) "$(MODELS)" $(OPTIMIZE) Tests/Tools/baselines.json

compressed: setup
	swift build -c release --product devtool
	@$(DEVTOOL) compressed $(TARGET)

# One row a recipe: density, rate, accuracy, cycles and flash of the digits network.
compression: build
	@python3 Tests/Tools/compression_table.py $(NNCGEN) Samples/digits $(TARGET)

# The recipe `exact` and 4-bit weights on every model of a folder, without any data.
compression-models: build
	@python3 Tests/Tools/compression_models.py $(NNCGEN) "$(MODELS)" $(TARGET)

# Every figure of `compress --report` beside what NumPy computes from the files.
compression-statistics: build .venv/fixtures
	@.venv/bin/python Tests/Tools/compression_statistics.py $(NNCGEN) Samples/gesture

front: build
	@python3 Tests/Tools/front.py $(NNCGEN) "$(MODEL)" $(TARGET)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Templates Targets

# The recording run fails on purpose, so that nobody takes it for a passed one; the second run must pass.
record-goldens:
	-RECORD_GOLDENS=1 swift test -c release --disable-testable-imports --filter 'PassTests|GoldenOutputTests|CommandTests|ObstacleTests|SupportTableTests'
	swift test -c release --disable-testable-imports --filter 'PassTests|GoldenOutputTests|CommandTests|ObstacleTests|SupportTableTests'

.venv/fixtures:
	python3 -m venv .venv
	.venv/bin/pip install --quiet --pre tflite-micro
	touch .venv/fixtures

record-fixtures: .venv/fixtures
	.venv/bin/python Tests/Fixtures/make_operator_models.py

.venv/onnx:
	python3 -m venv .venv
	.venv/bin/pip install --quiet onnx==1.19.1 onnxruntime numpy
	touch .venv/onnx

# CASES=WORD... runs only the cases whose names contain one of the words.
onnx-node-tests: setup .venv/onnx
	swift build -c release --product devtool
	@.venv/bin/python Tests/Tools/onnx_node_tests.py --devtool $(DEVTOOL) $(CASES)

record-onnx: .venv/onnx
	.venv/bin/python Tests/Fixtures/make_onnx_models.py

.venv/samples:
	python3 -m venv .venv
	.venv/bin/pip install --quiet -r Samples/requirements.txt
	touch .venv/samples

samples: .venv/samples build
	for name in digits gesture vibration; do \
	  .venv/bin/python Samples/$$name/train.py && \
	  $(NNCGEN) convert Samples/$$name/model.tflite -o Samples/$$name/model.bin || exit 1; \
	done

.venv/exported: .venv/onnx
	.venv/bin/pip install --quiet torch onnxscript scikit-learn skl2onnx tensorflow-cpu
	.venv/bin/pip install --quiet --no-deps tf2onnx
	touch .venv/exported

# CASES=WORD... runs only the models whose names, exporters or opsets contain one of the words.
exported-models: build .venv/exported
	@.venv/bin/python Tests/Tools/exported_models.py --nncgen $(NNCGEN) $(CASES)

record-exported: .venv/exported
	.venv/bin/python Tests/Tools/exported_models.py --record Tests/Fixtures/exported

# Networks that Keras makes, in five forms each; MODEL=NAME or MODEL=NAME:FORM runs one.
.venv/keras:
	python3 -m venv .venv
	.venv/bin/pip install --quiet --pre tflite-micro
	.venv/bin/pip install --quiet tensorflow-cpu==2.21.0 tf_keras==2.21.0
	touch .venv/keras

keras-models: build .venv/keras
	.venv/bin/python Tests/Tools/keras_models.py --nncgen $(NNCGEN) $(MODEL)

# Floats are compared with TensorFlow's, or ONNX Runtime's, when .venv has them from another command.
float-models: build .venv/fixtures
	.venv/bin/python Tests/Tools/float_models.py $(NNCGEN) "$(MODELS)"

clean:
	rm -rf .build build .venv Samples/firmware/build
