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
#include <llvm-c/LLJITUtils.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

/// Loads the library, the one that the environment's LANG_LLVM names if it does, and finds every function. Null when all is there, else a message that lives as long as the process.
/// Until it has answered null no function of LLVM may be called. Takes about 10 ms the first time; any thread, one at a time.
const char *lang_llvm_load(void);

/// Lets the library's names be found in the process, by which its linker finds its own functions for debuggers. False when it is not loaded.
bool lang_llvm_show(void);
/// How many object files a debugger is told of at present. Nothing may be linked meanwhile.
size_t lang_llvm_debugged(void);
/// The one it was told of last; null when there is none.
void *lang_llvm_newest_debugged(void);
/// The debugger is told that its code is about to go. Nothing may be linked meanwhile.
void lang_llvm_forget_debugged(void *it);

#endif
