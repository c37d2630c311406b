"""Keeps the lessons true: what they show of the code and of the wire is made here, not typed.

A lesson is Markdown. Between two comments stands what a script made; all else is prose:

    <!-- states: CONNECTION -->            drawn from topics/TOPIC/states.py
    <!-- code: has_no_body -->             quoted from the topic's modules, by name
    <!-- file: tools/lessons/streams.py -->  a whole file, without its docstring
    <!-- exchange: labelled answer         a conversation with the reference, which is started
    GET /chunks?n=2 HTTP/1.1               for it; what to send stands in the comment itself
    Host: 127.0.0.1
    -->
    <!-- measured: nagle -->               the figures of one run, and the machine they are from
    ```text
    …
    ```
    <!-- end -->

    python -m tools.lessons                write anew what the code and the reference determine
    python -m tools.lessons --check        say what is out of date, change nothing
    python -m tools.lessons --measure      the measured blocks too; takes half a minute

A figure is of one machine and one day, so a measured block is left alone unless asked for. A test
runs every measurement again and holds its shape, such as "ten times slower", never its digits.

Left out: checking the prose. Only a reader can.
"""
