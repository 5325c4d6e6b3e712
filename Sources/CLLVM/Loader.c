// The jumps behind LLVM's functions. A function that is called and not listed here is missed by the linker.

#include "CLLVM.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
// Debian and the project's own packages name it by its version.
#define LIBRARY "libLLVM.so." TEXT(LANG_LLVM_VERSION) ".1"
#define OTHER_LIBRARY "libLLVM-" TEXT(LANG_LLVM_VERSION) ".so"

#define FUNCTIONS(F) \
  F(LLVMAddAttributeAtIndex) \
  F(LLVMAddCallSiteAttribute) \
  F(LLVMAddCase) \
  F(LLVMAddFunction) \
  F(LLVMAddGlobal) \
  F(LLVMAddIncoming) \
  F(LLVMAppendBasicBlockInContext) \
  F(LLVMArrayType2) \
  F(LLVMBuildAShr) \
  F(LLVMBuildAdd) \
  F(LLVMBuildAlloca) \
  F(LLVMBuildAnd) \
  F(LLVMBuildBitCast) \
  F(LLVMBuildBr) \
  F(LLVMBuildCall2) \
  F(LLVMBuildCondBr) \
  F(LLVMBuildExtractValue) \
  F(LLVMBuildFAdd) \
  F(LLVMBuildFCmp) \
  F(LLVMBuildFDiv) \
  F(LLVMBuildFMul) \
  F(LLVMBuildFNeg) \
  F(LLVMBuildFPCast) \
  F(LLVMBuildFSub) \
  F(LLVMBuildGEP2) \
  F(LLVMBuildICmp) \
  F(LLVMBuildInsertValue) \
  F(LLVMBuildIntToPtr) \
  F(LLVMBuildLShr) \
  F(LLVMBuildLoad2) \
  F(LLVMBuildMul) \
  F(LLVMBuildNSWAdd) \
  F(LLVMBuildNeg) \
  F(LLVMBuildNot) \
  F(LLVMBuildOr) \
  F(LLVMBuildPhi) \
  F(LLVMBuildPtrToInt) \
  F(LLVMBuildRet) \
  F(LLVMBuildSDiv) \
  F(LLVMBuildSExt) \
  F(LLVMBuildSIToFP) \
  F(LLVMBuildSRem) \
  F(LLVMBuildSelect) \
  F(LLVMBuildShl) \
  F(LLVMBuildStore) \
  F(LLVMBuildSub) \
  F(LLVMBuildSwitch) \
  F(LLVMBuildTrunc) \
  F(LLVMBuildUDiv) \
  F(LLVMBuildUIToFP) \
  F(LLVMBuildURem) \
  F(LLVMBuildUnreachable) \
  F(LLVMBuildXor) \
  F(LLVMBuildZExt) \
  F(LLVMConstInt) \
  F(LLVMConstIntToPtr) \
  F(LLVMConstNull) \
  F(LLVMConstReal) \
  F(LLVMConsumeError) \
  F(LLVMContextCreate) \
  F(LLVMContextDispose) \
  F(LLVMContextSetDiscardValueNames) \
  F(LLVMCreateBuilderInContext) \
  F(LLVMCreateEnumAttribute) \
  F(LLVMCreateMemoryBufferWithMemoryRangeCopy) \
  F(LLVMCreatePassBuilderOptions) \
  F(LLVMCreateStringAttribute) \
  F(LLVMCreateTargetDataLayout) \
  F(LLVMCreateTargetMachine) \
  F(LLVMDeleteFunction) \
  F(LLVMDisposeBuilder) \
  F(LLVMDisposeErrorMessage) \
  F(LLVMDisposeMemoryBuffer) \
  F(LLVMDisposeMessage) \
  F(LLVMDisposeModule) \
  F(LLVMDisposePassBuilderOptions) \
  F(LLVMDisposeTargetData) \
  F(LLVMDisposeTargetMachine) \
  F(LLVMDoubleTypeInContext) \
  F(LLVMFloatTypeInContext) \
  F(LLVMFunctionType) \
  F(LLVMGetBasicBlockTerminator) \
  F(LLVMGetBufferSize) \
  F(LLVMGetBufferStart) \
  F(LLVMGetEnumAttributeKindForName) \
  F(LLVMGetErrorMessage) \
  F(LLVMGetHostCPUFeatures) \
  F(LLVMGetHostCPUName) \
  F(LLVMGetInsertBlock) \
  F(LLVMGetIntrinsicDeclaration) \
  F(LLVMGetMDKindIDInContext) \
  F(LLVMGetNamedFunction) \
  F(LLVMGetParam) \
  F(LLVMGetTargetFromTriple) \
  F(LLVMGetUndef) \
  F(LLVMInstallFatalErrorHandler) \
  F(LLVMInt16TypeInContext) \
  F(LLVMInt128TypeInContext) \
  F(LLVMInt1TypeInContext) \
  F(LLVMInt32TypeInContext) \
  F(LLVMInt64TypeInContext) \
  F(LLVMInt8TypeInContext) \
  F(LLVMLookupIntrinsicID) \
  F(LLVMMDNodeInContext2) \
  F(LLVMMDStringInContext2) \
  F(LLVMMetadataAsValue) \
  F(LLVMModuleCreateWithNameInContext) \
  F(LLVMOrcCreateLLJIT) \
  F(LLVMOrcCreateLLJITBuilder) \
  F(LLVMOrcDisposeLLJIT) \
  F(LLVMOrcJITDylibCreateResourceTracker) \
  F(LLVMOrcLLJITAddObjectFileWithRT) \
  F(LLVMOrcLLJITEnableDebugSupport) \
  F(LLVMOrcLLJITGetMainJITDylib) \
  F(LLVMOrcLLJITLookup) \
  F(LLVMOrcReleaseResourceTracker) \
  F(LLVMOrcResourceTrackerRemove) \
  F(LLVMPointerTypeInContext) \
  F(LLVMPositionBuilderAtEnd) \
  F(LLVMPrintModuleToString) \
  F(LLVMRunPasses) \
  F(LLVMSetAlignment) \
  F(LLVMSetFunctionCallConv) \
  F(LLVMSetInitializer) \
  F(LLVMSetInstructionCallConv) \
  F(LLVMSetLinkage) \
  F(LLVMSetMetadata) \
  F(LLVMSetModuleDataLayout) \
  F(LLVMSetTailCallKind) \
  F(LLVMSetTarget) \
  F(LLVMSetValueName2) \
  F(LLVMSetVolatile) \
  F(LLVMSetWeak) \
  F(LLVMStructTypeInContext) \
  F(LLVMTargetMachineEmitToMemoryBuffer) \
  F(LLVMValueAsMetadata) \
  F(LLVMVerifyModule) \
  F(LLVMVoidTypeInContext)

#if defined(__x86_64__)
#define TARGETS(F) \
  F(LLVMInitializeX86AsmPrinter) \
  F(LLVMInitializeX86Target) \
  F(LLVMInitializeX86TargetInfo) \
  F(LLVMInitializeX86TargetMC)
#define JUMP(name) __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n  jmp *lang_at_" #name "(%rip)\n");
#elif defined(__aarch64__)
#define TARGETS(F) \
  F(LLVMInitializeAArch64AsmPrinter) \
  F(LLVMInitializeAArch64Target) \
  F(LLVMInitializeAArch64TargetInfo) \
  F(LLVMInitializeAArch64TargetMC)
#define JUMP(name) __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n  adrp x16, lang_at_" #name "\n  ldr x16, [x16, :lo12:lang_at_" #name "]\n  br x16\n");
#endif

#define POINTER(name) __attribute__((used, visibility("hidden"))) void *lang_at_##name;
FUNCTIONS(POINTER)
TARGETS(POINTER)
FUNCTIONS(JUMP)
TARGETS(JUMP)

static const struct { const char *name; void **at; } table[] = {
#define ROW(name) {#name, &lang_at_##name},
  FUNCTIONS(ROW)
  TARGETS(ROW)
};

// What was loaded, and by which name.
static const char *loaded;
static void *library;

const char *lang_llvm_load(void) {
  static char message[256];
  static bool is_loaded;
  if (is_loaded) return NULL;
  const char *wanted = getenv("LANG_LLVM");
  loaded = wanted ? wanted : LIBRARY;
  library = dlopen(wanted ? wanted : LIBRARY, RTLD_LAZY | RTLD_LOCAL);
  if (!library && !wanted) library = dlopen(loaded = OTHER_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
  if (!library) {
    snprintf(message, sizeof message, "%s is not on this machine", wanted ? wanted : LIBRARY);
    return message;
  }
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    *table[i].at = dlsym(library, table[i].name);
    if (!*table[i].at) {
      snprintf(message, sizeof message, "%s has no function %s", LIBRARY, table[i].name);
      return message;
    }
  }
  is_loaded = true;
  return NULL;
}

bool lang_llvm_show(void) { return dlopen(loaded, RTLD_LAZY | RTLD_NOLOAD | RTLD_GLOBAL) != NULL; }

// GDB's interface, as its manual has it: "JIT Interface".
struct entry { struct entry *next, *previous; const char *file; uint64_t size; };
struct descriptor { uint32_t version, action; struct entry *relevant, *first; };

static struct descriptor *debugged(void) { return library ? dlsym(library, "__jit_debug_descriptor") : NULL; }

size_t lang_llvm_debugged(void) {
  size_t count = 0;
  for (const struct entry *entry = lang_llvm_newest_debugged(); entry; entry = entry->next) count++;
  return count;
}

void *lang_llvm_newest_debugged(void) {
  struct descriptor *descriptor = debugged();
  return descriptor ? descriptor->first : NULL;
}

// LLVM never does it, and keeps no reference to the entry either.
void lang_llvm_forget_debugged(void *it) {
  struct descriptor *descriptor = debugged();
  void (*tell)(void) = dlsym(library, "__jit_debug_register_code");
  struct entry *entry = it;
  if (entry->next) entry->next->previous = entry->previous;
  if (entry->previous) entry->previous->next = entry->next;
  else descriptor->first = entry->next;
  descriptor->relevant = entry;
  descriptor->action = 2; // JIT_UNREGISTER_FN
  tell();
  descriptor->relevant = NULL;
  descriptor->action = 0;
}
