// What the user is asked for, and the line in which the answer is typed.

module: rvui {
use commands;
use rvtypes;
use extra_commands;

\: asking (string; string what, float value) { "%s [%g]: " % (what, value); }

documentation: "A number to show in a prompt: 1 when the graph has no such property.";
\: numberOrOne (float; string name, string what)
{
    float number = 1.0;
    try { number = numberOf(name); } catch (...) { displayFeedback("Unable to access %s" % what); }
    number;
}

\: fpsPrompt (string;) { asking("FPS", fps()); }
\: sourceFpsPrompt (string;) { asking("Source FPS", numberOf("#RVSource.group.fps")); }

\: resPrompt (string;)
{
    asking("Image Playback Resolution", numberOf("#RVFormat.geometry.scale"));
}

\: dispGammaPrompt (string;)
{
    asking("Display Gamma Correction", numberOf("@RVDisplayColor.color.gamma"));
}

\: fileGammaPrompt (string;)
{
    asking("File Gamma Correction", numberOrOne("#RVLinearize.color.fileGamma", "file gamma"));
}

\: pixaPrompt (string;)
{
    asking("Pixel Aspect Ratio",
           numberOrOne("#RVLensWarp.warp.pixelAspectRatio", "pixel aspect"));
}

\: orderPrompt (string;)
{
    "Enter Channel Order [%s]: " % getStringProperty(displayProperty("color.channelOrder")).back();
}

\: chanMapPrompt (string;)
{
    "Remap Input Channels [%s]: "
        % string.join(getStringProperty("#RVChannelMap.format.channels"), ", ");
}

documentation: "Ask for a text; what is typed goes to a function.";
\: startTextEntryMode (EventFunc; PromptFunc prompt, TextCommitFunc func, bool okWhenEmpty = false)
{
    \: (void; Event event)
    {
        State s = data();
        s.prompt = prompt();
        s.textFunc = func;
        s.textEntry = true;
        s.textOkWhenEmpty = okWhenEmpty;
        s.text = "";
        pushEventTable("textentry");
        redraw();
    };
}

\: editText (void; (void;State) edit) { State s = data(); edit(s); redraw(); }

\: killAllText (void; Event event) { editText(\: (void; State s) { s.text = ""; }); }

\: backwardDeleteChar (void; Event event)
{
    editText(\: (void; State s)
    {
        let n = s.text.size();
        s.text = if n > 1 then s.text.substr(0, n - 1) else "";
    });
}

\: selfInsert (void; Event event)
{
    State s = data();
    s.text += string(char(event.key()));
    redraw();
}

\: commitEntry (void; Event event)
{
    editText(\: (void; State s)
    {
        popEventTable("textentry");  // first: what takes the text may ask for another one
        try { if (s.text != "" || s.textOkWhenEmpty) s.textFunc(s.text); } catch (...) {;}
        s.textEntry = false;
    });
}

\: cancelEntry (void; Event event)
{
    State s = data();
    s.textEntry = false;
    popEventTable("textentry");
    displayIt("Cancelled");
}

\: ignoreEntry (void; Event event) {;}
}
