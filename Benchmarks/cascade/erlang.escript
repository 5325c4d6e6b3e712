#!/usr/bin/env escript
%% What the edits of `lang-bench cascade` cost in one Erlang node. The unit of change is the module: its file is compiled as a
%% whole and loaded. So an edit and its users are one module here. Prints one JSON line for each edit.
%% usage: escript erlang.escript
-mode(compile).

main(_) ->
  Path = filename:join(os:getenv("TMPDIR", "/tmp"), "lang_bench_" ++ os:getpid() ++ ".erl"),
  put(path, Path),
  try
    measure("body", fun(Edit) -> [steer(Edit) | callers(999, fun(I) -> io_lib:format("steer(X, ~b, 3, 4)", [I]) end)] end),
    [measure("signature-" ++ integer_to_list(Users), fun(Edit) ->
       [target(Edit), callers(Users, fun(I) -> io_lib:format("target(X + ~b)", [I]) end)]
     end) || Users <- [10, 100, 1000]],
    [measure("calls-" ++ integer_to_list(Users), fun(Edit) ->
       [needed(Edit), callers(Users, fun(I) ->
          case Edit rem 2 of
            1 -> io_lib:format("needed(X + ~b)", [I]);
            0 -> io_lib:format("needed(X + ~b, 3)", [I])
          end
        end)]
     end) || Users <- [10, 100, 1000]],
    measure("field", fun(Edit) ->
      [case Edit rem 2 of
         1 -> "-record(tank, {fuel, heat}).\n";
         0 -> io_lib:format("-record(tank, {fuel, heat, load = ~b}).\n", [Edit])
       end,
       callers(1000, fun(I) ->
         case I rem 4 of
           0 -> io_lib:format("(#tank{fuel = X, heat = ~b})#tank.heat", [I]);
           _ -> io_lib:format("begin T = #tank{fuel = ~b, heat = X}, T#tank.fuel + T#tank.heat end", [I])
         end
       end)]
    end),
    measure("macro-same", fun(Edit) ->
      [io_lib:format("%% ~b\n-define(TWICE(X), (2 * ((X) + 1))).\n", [Edit]), callers(1000, fun(I) -> io_lib:format("?TWICE(X + ~b)", [I]) end)]
    end),
    measure("macro-other", fun(Edit) ->
      [io_lib:format("-define(TWICE(X), (2 * ((X) + ~b))).\n", [Edit]), callers(1000, fun(I) -> io_lib:format("?TWICE(X + ~b)", [I]) end)]
    end),
    measure("constant", fun(Edit) ->
      [io_lib:format("gravity() -> ~b.\n", [Edit]), callers(100, fun(I) -> io_lib:format("gravity() + ~b", [I]) end)]
    end),
    measure("case", fun(Edit) ->
      [case Edit rem 2 of
         1 -> "-type order() :: halt | {move, integer()} | {turn, integer()}.\n-export_type([order/0]).\n";
         0 -> "-type order() :: halt | {move, integer()} | {turn, integer()} | {fire, integer()}.\n-export_type([order/0]).\n"
       end,
       callers(100, fun(I) ->
         io_lib:format("case (if X > 3 -> {move, X}; true -> halt end) of {move, By} -> By; halt -> ~b; _ -> 0 end", [I])
       end)]
    end)
  after
    file:delete(Path)
  end.

callers(Count, Call) -> [caller(I, Call(I)) || I <- lists:seq(0, Count - 1)].

caller(I, Call) ->
  io_lib:format("f~b(X) ->\n  A = ~s,\n  B = if A > 100 -> A - 100; true -> A * 2 end,\n  A + B + ~b.\n", [I, Call, I]).

steer(Edit) ->
  io_lib:format(
    "steer(X, Y, Speed, Limit) ->\n  DX = 320.0 - X,\n  DY = 240.0 - Y,\n  D2 = DX * DX + DY * DY + ~b.5,\n  Pull0 = Speed / D2,\n"
    "  Pull = if Pull0 > Limit -> Limit; true -> Pull0 end,\n  X + DX * Pull + Y + DY * Pull.\n", [Edit]).

target(Edit) when Edit rem 2 =:= 1 -> io_lib:format("target(X) -> X + ~b.\n", [Edit]);
target(Edit) -> io_lib:format("target(X) -> target(X, ~b).\ntarget(X, By) -> X + By.\n", [Edit]).

needed(Edit) when Edit rem 2 =:= 1 -> io_lib:format("needed(X) -> X + ~b.\n", [Edit]);
needed(Edit) -> io_lib:format("needed(X, By) -> X + By + ~b.\n", [Edit]).

measure(Key, Make) ->
  take(Make(1)),
  End = erlang:monotonic_time(nanosecond) + 1000000000,
  Times = lists:sort(rounds(2, Make, End, [])),
  Edits = length(Times),
  At = fun(P) -> lists:nth((Edits * P + 99) div 100, Times) end,
  io:format("{\"key\":\"~s\",\"name\":\"erlang\",\"edits\":~b,\"p50\":~.2f,\"p99\":~.2f,\"note\":\"the module is compiled as a whole\"}\n",
    [Key, Edits, At(50) / 1000, At(99) / 1000]).

rounds(Edit, Make, End, Times) ->
  case erlang:monotonic_time(nanosecond) > End andalso length(Times) >= 3 of
    true -> Times;
    false -> rounds(Edit + 1, Make, End, [take(Make(Edit)) | Times])
  end.

%% From the text in a file to the module loaded, in ns.
take(Text) ->
  ok = file:write_file(get(path), ["-module(lang_bench).\n-compile([export_all, nowarn_export_all]).\n", Text]),
  Start = erlang:monotonic_time(nanosecond),
  {ok, Module, Code} = compile:file(get(path), [binary, {warn_format, 0}]),
  code:purge(Module),
  {module, Module} = code:load_binary(Module, "lang_bench.erl", Code),
  erlang:monotonic_time(nanosecond) - Start.
