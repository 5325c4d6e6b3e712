// LLVM's C interface. The functions are not linked: each is a jump through a pointer that `lang_llvm_load` fills in, so that
// LLVM is loaded when the first function is compiled, and a machine without it runs everything else.

#ifndef CLLVM_H
#define CLLVM_H

#include <stdbool.h>
#include <stddef.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

/// Loads the library, the one that the environment's LANG_LLVM names if it does, and finds every function. Null when all is there, else a message that lives as long as the process.
/// Until it has answered null no function of LLVM may be called. Takes about 10 ms the first time; any thread, one at a time.
const char *lang_llvm_load(void);

#endif
