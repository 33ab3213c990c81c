// What RV's default bindings do when something happens: to the view, to files dropped on it.

module: rvui {
use commands;
use rvtypes;
use extra_commands;
require io;
require math;

global bool firstRender = true;
global int totalRenderCount = 0;
global int preSnapRenderCount = 0;
global bool snapDoit = false;
global Vec2 snapTranslation = Vec2(0, 0);

// -- what is under the pointer ----------------------------------------------------------------

// Another handler may want the event too; what goes wrong is nobody's business.
\: _aside (void; Event event, VoidFunc act)
{
    event.reject();
    try { act(); } catch (...) {;}
}

\: _pixelsStale (void;)
{
    withState(\: (void; State s) { s.perPixelInfoValid = false; });
    redraw();
}

\: moveCallback (void; Event event)
{
    _aside(event, \: (void;) { recordPixelInfo(event); redraw(); });
}

\: stateOrInputsChanged (void; Event event) { _aside(event, _pixelsStale); }

\: missingImage (void; Event event)
{
    let words = event.contents().split(";"),
        media = io.path.basename(sourceMedia(words[1])._0);
    displayFeedback("MISSING: frame %s of %s" % (words[0], media), 1.0);
}

documentation: "Take a block of pixels in; redraw at most once a second.";
\: defaultPixelBlockHandler (void; Event event)
{
    insertCreatePixelBlock(event);
    State s = data();
    let now = theTime();

    if (now - s.lastPixelBlockTime > 1.0)
    {
        s.lastPixelBlockTime = now;
        redraw();
    }
}

documentation: "The matte that a session was saved with.";
\: updateStateMatte (void; Event event)
{
    event.reject();
    if (getIntProperty("#Session.matte.show").front() != 1) return;
    let aspect = setMatte(numberOf("#Session.matte.aspect"), false),
        opacity = setMatteOpacity(numberOf("#Session.matte.opacity"));
    aspect();
    opacity();
}

\: resetSessionMatteCenter (void;)
{
    setFloatProperty("#Session.matte.centerPoint", float[] {0.0, 0.0}, true);
    setFloatProperty("#Session.matte.heightVisible", float[] {-1.0}, true);
}

documentation: "The port, for whoever started this program with a file to write it to.";
\: stateInitialized (void; Event event)
{
    event.reject();
    let file = commandLineFlag("networkPortFile", nil);
    if (file eq nil) return;
    remoteNetwork(true);

    try
    {
        let out = io.ofstream(file);
        io.print(out, "%d\n" % myNetworkPort());
        out.close();
    }
    catch (...) { print("ERROR: failed to write networkPortFile '%s'.\n" % file); }
}

// -- the size of the view ---------------------------------------------------------------------

// The side of the view that limits a picture, by the picture's aspect.
\: _limit (float; int w, int h, float aspect)
{
    if float(w) / float(h) >= aspect then float(h) else float(w) / aspect;
}

documentation: "Keep the picture as large as it was.";
\: retainScaleAfterResize (void; int oldW, int oldH, int newW, int newH)
{
    let aspect = contentAspect();
    if (oldW <= 0 || oldH <= 0 || newW <= 0 || newH <= 0 || aspect == 0.0) return;
    setScale(scale() * _limit(oldW, oldH, aspect) / _limit(newW, newH, aspect));
}

// Whether a change of the view's size is one that must not change the picture's.
\: _sizeLocked (bool;)
{
    State s = data();
    s neq nil && s.lockResizeScale && !presentationMode();
}

\: viewResized (void; Event event)
{
    event.reject();
    if (!_sizeLocked()) return;
    State s = data();

    if (s.startupResize)
    {
        s.startupResize = false;
        return;
    }

    let sizes = event.contents().split("| "),
        m = margins(),
        across = int(m[0] + m[1]),
        down = int(m[2] + m[3]);
    retainScaleAfterResize(int(sizes[0]) - across, int(sizes[1]) - down,
                           int(sizes[2]) - across, int(sizes[3]) - down);
}

\: marginsChanged (void; Event event)
{
    event.reject();
    State s = data();
    if (!_sizeLocked() || s.startupResize) return;

    let before = event.contents().split(" "),
        m = margins(),
        v = viewSize();
    retainScaleAfterResize(int(v.x) - int(before[0]) - int(before[1]),
                           int(v.y) - int(before[2]) - int(before[3]),
                           int(v.x - m[0] - m[1]), int(v.y - m[2] - m[3]));
}

\: setPixelRelativeScale (void; float ns, float requestedScale = 0.0)
{
    setScale(ns);
    if (requestedScale == 1.0) preSnapRenderCount = 2;
    redraw();
}

documentation: "Move the view by less than a pixel, so that pixels of picture and view meet.";
\: snapToPixelCenter (void;)
{
    let images = renderedImages();
    if (images.empty()) return;
    let top = images.back(),
        v = viewSize(),
        m = margins(),
        h = v.y - m[2] - m[3],
        corner = (v.x - m[0] - m[1] - h * scale() * float(top.width) / float(top.height)) * 0.5
                     + translation().x * h * scale(),
        rest = corner - math.floor(corner + 0.5),
        height = (h - h * scale()) * 0.5 + translation().y * h * scale(),
        over = height - math.floor(height + 0.5);
    setTranslation(translation() - Vec2(rest, over) / (h * scale()));
    redraw();
}

// -- frames and views -------------------------------------------------------------------------

documentation: "Go to the frame that a source has there too, or to the nearest it has.";
\: setMatchedFrame (void; int currentLocal, int globalStart, int globalEnd)
{
    let first = sourceFrame(globalStart),
        last = sourceFrame(globalEnd);
    setFrame(if currentLocal > last then globalEnd
             else globalStart + math.max(0, currentLocal - first));
}

// Whether the inputs of a node can be cycled as they are.
\: _isPile (bool; string node)
{
    let kind = nodeType(node);
    kind == "RVStackGroup" || kind == "RVFolderGroup";
}

documentation: "Cycle the inputs of the view, or of the stack in it that is under the pointer.";
\: smartCycleInputs (void; bool fwd)
{
    let view = viewNode();
    if (view eq nil) return;
    string node = view;

    if (!_isPile(view))
    {
        updatePixelInfo(nil);
        State s = data();
        if (s.currentInput neq nil && _isPile(s.currentInput)) node = s.currentInput;
    }

    cycleInputs(fwd, node);
}

\: hasLinConversion (MenuStateFunc; string value)
{
    let logs = [("Cineon Log", 1), ("Kodak Log", 1), ("Viper Log", 2), ("ALEXA LogC", 3),
                ("ALEXA LogC Film", 4), ("Sony S-Log", 5), ("Red Log", 6), ("Red Log Film", 7),
                ("SMPTE 2084", 8), ("Hybrid Log-Gamma", 9)];
    int log = 0;
    for_each (entry; logs) if (entry._0 == value) log = entry._1;
    let sRGB = if value == "sRGB" then 1 else 0,
        rec709 = if value == "Rec709" then 1 else 0,
        gamma = if value == "Gamma 2.2" then 2.2 else 1.0,
        color = \: (int; string name) { getIntProperty("#RVLinearize.color." + name).front(); };

    \: (int;)
    {
        try
        {
            if (color("active") == 0) return DisabledMenuState;
            return checkedIf(color("logtype") == log && color("sRGB2linear") == sRGB
                             && color("Rec709ToLinear") == rec709
                             && numberOf("#RVLinearize.color.fileGamma") == gamma);
        }
        catch (...) {;}

        return DisabledMenuState;
    };
}

\: loadHUD (void;) {;}
\: loadTimeline (Widget;) { return nil; }
\: showDiagnosticsWindow (void; Event ev) { showDiagnostics(); }
\: clickTimerTimeout (void;)
{
    State s = data();
    let wanted = !s.clickToPlayDisabled && isEventCategoryEnabled("playcontrol_click_category");
    if (wanted) togglePlayIfNoScrub();
}

// -- what is dropped --------------------------------------------------------------------------

\: ddCancelled (void; string b) { throw "Drop Cancelled"; }

// The path to use for one that comes from outside; a package may change it.
\: _incoming (string; string path, string how)
{
    let swapped = sendInternalEvent("incoming-source-path", path + ";;" + how, "rvui");
    if swapped neq nil && swapped != "" then swapped else path;
}

\: dragShow (void; Event event) { recordPixelInfo(event); redraw(); }

\: dragEnter (void; Event event)
{
    State s = data();
    s.dragDropOccuring = true;
    s.ddType = event.contentType();
    s.ddContent = event.contents();
    s.ddProgressiveDrop = false;
    s.ddDropFiles = string[]();
    s.ddDropFunc = nil;

    if (s.ddType == Event.FileObject)
    {
        s.ddFileKind = UnknownFileKind;
        try { s.ddFileKind = fileKind(_incoming(s.ddContent, "drag")); } catch (...) {;}
    }

    dragShow(event);
}

\: dragLeave (void;)
{
    withState(\: (void; State s) { s.dragDropOccuring = false; });
    displayIt("");
}

\: _dropTag (string;)
{
    State s = data();
    if s.ddNoSequence then "drop-no-sequence" else "drop";
}

documentation: "Take what was dropped: a file is added, a package's function may know better.";
\: dragRelease (void; Event event)
{
    State s = data();
    s.dragDropOccuring = false;
    s.ddNoSequence = (event.modifiers() & Event.Alt) != 0;
    recordPixelInfo(event);
    let kind = event.contentType();

    try
    {
        if (kind == Event.FileObject)
        {
            let file = _incoming(event.contents(), "drop");
            if (s.ddProgressiveDrop) s.ddDropFiles.push_back(file);
            else if (s.ddDropFunc eq nil || s.ddRegion == 1) addSources(string[] {file}, _dropTag());
            else s.ddDropFunc(s.ddRegion, file);
        }
        else if (s.ddDropFunc neq nil)
        {
            s.ddDropFunc(s.ddRegion, event.contents());
        }
    }
    catch (string message) { displayFeedback(message); }
    catch (...) { _failed("ERROR: While reading file:", event.contents()); }

    redraw();
}

documentation: "Add the files that were dropped one by one.";
\: dropTimerTimeout (void;)
{
    State s = data();
    let files = s.ddDropFiles;
    s.ddDropFiles = string[]();
    s.ddProgressiveDrop = false;
    addSources(files, _dropTag());
}

documentation: "View the node that a rvnode:// address names.";
\: dropNodeURL (void; int a, string s)
{
    State now = data();
    let found = regex("rvnode://([^/]*)/([^/]*)/([^/]*)").smatch(now.ddContent);
    if (found neq nil) setViewNode(found[3]);
}
}
