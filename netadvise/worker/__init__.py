"""The process in which the user's code runs, so that nothing it does can harm the report or the caller.

front                                   child
run(request) -- request line ------->   main: import torch, answer(request)
             <-- phase lines --------   loading, recording, measuring
             <-- attempt lines ------   what became of each alternative, where edits are tried
             <-- response line ------   a profile document or an error
ending(status, dump)                    faulthandler dump: where the code was when it hung or crashed
"""
