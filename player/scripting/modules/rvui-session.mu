// Frames, views and sessions; joining menus; what RV calls for its window.

module: rvui {
require io;
require glyph;
use commands;
use rvtypes;
use extra_commands;

documentation: "Act while nothing plays, then play on.";
\: whileStopped (void; VoidFunc act)
{
    let resume = isPlaying() || isBuffering();
    if (resume) stop();
    act();
    if (resume) play();
}

\: setInOutMarkedRangeAtFrame (void; int f)
{
    let (first, next) = markedBoundariesAroundFrame(f);
    whileStopped(\: (void;) { setInPoint(first); setOutPoint(next - 1); setFrame(first); });
    redraw();
}

documentation: "Put the first input of a node last, or the last one first.";
\: cycleInputs (void; bool fwd, string node = nil)
{
    let name = if node eq nil then viewNode() else node;
    if (name eq nil) return;
    let inputs = nodeConnections(name, false)._0,
        n = inputs.size();
    if (n < 2) return;

    string[] turned;
    for (int i = 0; i < n; i++) turned.push_back(inputs[(i + (if fwd then 1 else n - 1)) % n]);
    setNodeInputs(name, turned);
    redraw();
}

\: tmpSessionCopyName (string;)
{
    let name = io.path.basename(sessionFileName()),
        base = if io.path.extension(name) == "rv" then io.path.without_extension(name) else name;
    string target = io.path.join(cacheDir(), base + "Copy.rv");

    for (int i = 2; io.path.exists(target); i++)
    {
        target = io.path.join(cacheDir(), "%sCopy%d.rv" % (base, i));
    }

    target;
}

\: cloneSession (void; Event ev)
{
    let copy = tmpSessionCopyName();
    saveSession(copy, true, true);
    newSession(string[] {copy});
}

\: save (void; Event ev)
{
    let name = sessionFileName();
    if (name != "Untitled" && io.path.extension(name) == "rv") saveSession(name);
    else displayIt("Cancelled");
}

\: checkIfCloseOK (bool;)
{
    State s = data();
    let reason = if s.unsavedChanges then "You have unsaved changes" else s.getQuitMessage(),
        ok = reason eq nil
             || alertPanel(true, WarningAlert, reason, nil, "Don't Quit", "Quit", nil) == 1;

    // who was asked once is not asked again
    if (ok) { s.unsavedChanges = false; s.clearQuitMessages(); }
    ok;
}

\: queryClose (void; Event ev) { if (checkIfCloseOK()) close(); }

\: sessionDeletionHandler (void; Event event)
{
    event.reject();
    if (!checkIfCloseOK()) event.setReturnContent("not OK");
}

\: lockWarning (void; Event ev, string msg) { displayFeedback("WARNING: %s" % msg, 2.0); redraw(); }

\: putPair (void; string name, float a, float b) { setFloatProperty(name, float[] {a, b}); }

\: nudge (EventFunc; float x, float y, float z)
{
    \: (void; Event ev)
    {
        let transform = "#RVDispTransform2D.transform.%s",
            at = getFloatProperty(transform % "translate"),
            by = getFloatProperty(transform % "scale");
        putPair(transform % "translate", at[0] + x, at[1] + y);
        putPair(transform % "scale", by[0] * z, by[1] * z);
        redraw();
    };
}

\: withState (void; (void;State) act) { State s = data(); act(s); }
\: noteState (void; (void;State) note) { withState(note); setActiveState(); }

\: windowActivate (void;) { noteState(\: (void; State s) { s.dragDropOccuring = false; }); }
\: pointerEnterSession (void;) { noteState(\: (void; State s) { s.pointerInSession = true; }); }

\: pointerLeaveSession (void;)
{
    noteState(\: (void; State s) { s.pointerInSession = s.dragDropOccuring = false; });
}

\: ddNoop (void; int a, string b) {;}

\: preferred (bool; string name)
{
    let SettingsValue.Bool on = readSetting("Controls", name, SettingsValue.Bool(false));
    on;
}

\: updateStateFromPrefs (void; State s)
{
    s.scrubDisabled = preferred("disableScrubInView");
    s.clickToPlayDisabled = preferred("disableClickToPlay");
}

\: updateFromPrefs (void; Event event) { event.reject(); withState(updateStateFromPrefs); }

documentation: "Have a function called while the picture is drawn, before or after the modes.";
\: addRenderFunction (void; EventFunc F, RenderFunctionType rtype)
{
    State s = data();

    case (rtype)
    {
        ImageSpaceRender -> { s.config.renderImageSpace = F : s.config.renderImageSpace; }
        ViewSpaceRender -> { s.config.renderViewSpace = F : s.config.renderViewSpace; }
    }
}

\: combine (Menu; Menu a, Menu b)
{
    if (a eq nil) return b;
    if (b eq nil) return a;
    Menu all;
    for_each (i; a) all.push_back(i);
    for_each (i; b) all.push_back(i);
    return all;
}

\: combine (Menu; Menu a, Menu[] b)
{
    Menu all = a;
    if (b neq nil) for_each (m; b) all = combine(all, m);
    all;
}

\: combine (Menu; Menu a, [MenuItem] b)
{
    Menu all = a;
    for_each (m; b) all.push_back(m);
    all;
}

// -- drawing -------------------------------------------------------------------------------
// The player itself draws what is RV's own: feedback, text entry, the widgets of the session.

\: setupProjection (void; int w, int h, bool vflip = false)
{
    glyph.setupProjection(w, h, vflip);
}

\: setupProjection (void; Event event) { glyph.setupProjectionFromEvent(event); }

\: drawFeedback (void; Event event) {;}
\: drawTextEntry (void; Event event) {;}
\: drawIncomplete (bool; Event event) { false; }
\: drawError (void; Event event) {;}
\: cacheProgressGlyph (void; bool outline) {;}
\: audioCacheProgressGlyph (void; bool outline) {;}
\: loadingProgressGlyph (void; bool outline) {;}

\: renderOutputDevice (void; Event event) { event.reject(); }
\: preRender (void; Event event) { event.reject(); }
}
