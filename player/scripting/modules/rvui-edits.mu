// What menus and keys do, as far as it has a meaning without a window.

module: rvui {
require io;
use commands;
use rvtypes;
use extra_commands;

\: displayIt (void; string text) { displayFeedback(text); redraw(); }

\: fillProperty (string name, float value, int channel = -1)
{
    try
    {
        let a = getFloatProperty(name);
        if (channel >= 0) a[channel] = value;
        else for_index (i; a) a[i] = value;
        setFloatProperty(name, a);
    }
    catch (exception exc)
    {
        displayFeedback("Unable to fill property values: %s" % string(exc));
    }
}

\: nudgeProperty (string name, float value, float delta, int channel = -1)
{
    try
    {
        let a = getFloatProperty(name);
        if (channel >= 0) a[channel] += delta;
        else for_index (i; a) a[i] += delta;
        setFloatProperty(name, a);
    }
    catch (exception exc)
    {
        displayFeedback("Unable to fill property values: %s" % string(exc));
    }
}

documentation: "Hue, saturation and value as red, green and blue.";
\: toRGB (Vec3; Vec3 hsv)
{
    let s = hsv[1],
        v = hsv[2],
        h = (if hsv[0] == 1.0 then 0.0 else hsv[0]) * 6.0,
        k = int(math.floor(h)),
        i = if k > 5 || k < 0 then 0 else k,
        f = h - i,
        p = v * (1.0 - s),
        q = v * (1.0 - (s * f)),
        t = v * (1.0 - (s * (1.0 - f)));

    if (s == 0.0) return Vec3(v, v, v);
    if (i == 0) return Vec3(v, t, p);
    if (i == 1) return Vec3(q, v, p);
    if (i == 2) return Vec3(p, v, t);
    if (i == 3) return Vec3(p, q, v);
    if (i == 4) return Vec3(t, p, v);
    return Vec3(v, p, q);
}

\: contentsEqual (bool; string[] a, string[] b)
{
    if (a.size() != b.size()) return false;
    for_index (i; a) if (a[i] != b[i]) return false;
    return true;
}

\: lower_bounds (int; int[] array, int n) { glyph.lower_bounds(array, n); }
\: frameFunc (VoidFunc; (void;int) F) { \: (void;) { F(frame()); }; }
\: frameTimeGlobal (float;) { 1.0 / fps(); }
\: convertPathToUIName (string; string p) { io.path.basename(io.path.without_extension(p)); }
\: showFPS (void;) { print("fps = %f\n" % fps()); }

// -- switches -------------------------------------------------------------------------------

\: toggleIntProp (VoidFunc; string name)
{
    \: (void;)
    {
        setIntProperty(name, int[] {if getIntProperty(name).front() == 1 then 0 else 1});
        displayIt(string.split(name, ".").back());
    };
}

\: toggleFloat (void;)
{
    let f = toggleIntProp("#RVFormat.color.allowFloatingPoint");
    f();
    reload();
}

\: toggleComponent (void; string node, string comp, string what)
{
    try
    {
        let name = "%s.%s.active" % (node, comp),
            on = getIntProperty(name).front() == 0;
        setIntProperty(name, int[] {if on then 1 else 0}, true);
        displayFeedback("%s %s" % (what, if on then "ON" else "OFF"));
    }
    catch (...)
    {
        displayFeedback("No %s" % what);
    }

    redraw();
}

\: toggleLUT (void; string lutType, string lutKind)
{
    let luminance = lutKind == "Luminance",
        node = if lutType == "Display" then "@RVDisplayColor"
               else if lutType == "Look" then "#RVLookLUT"
               else if lutType == "Cache" then "#RVCacheLUT"
               else if luminance then "#RVColor" else "#RVLinearize";
    toggleComponent(node, if luminance then "luminanceLUT" else "lut", "%s LUT" % lutKind);
}

\: toggleCDL (void; string cdlType, string cdlKind)
{
    toggleComponent(if cdlType == "Look" then "#RVColor" else "#RVLinearize", "CDL",
                    "%s CDL" % cdlKind);
}

\: toggleFileCDL (void;) { toggleCDL("Color", "File"); }
\: toggleLookCDL (void;) { toggleCDL("Look", "File"); }

\: toggleICC (void; string iccType, string iccKind)
{
    toggleComponent(if iccType == "Display" then "@ICCDisplayTransform"
                    else "#ICCLinearizeTransform", "node", "%s ICC" % iccType);
}

\: toggleFileICC (void;) { toggleICC("Color", "File"); }
\: toggleDisplayICC (void;) { toggleICC("Display", ""); }

\: toggleNormalizeColor (void; Event ev)
{
    try
    {
        let v = if isNormalizingColor() == CheckedMenuState then 0 else 1;
        setIntProperty("#RVColor.color.normalize", int[] {v}, true);
        setIntProperty("#RVHistogram.node.active", int[] {v}, true);
        reload();
    }
    catch (exception exc)
    {
        displayFeedback("Unable to toggle normalize: %s" % string(exc));
    }
}

\: toggleAudioScrub (void; Event event)
{
    State s = data();
    s.scrubAudio = !s.scrubAudio;
    setAudioCacheMode(if s.scrubAudio then CacheGreedy else CacheBuffer);
    displayIt("Scrub %s" % (if s.scrubAudio then "ON" else "OFF"));
}

\: toggleScrubDisabled (void; Event event)
{
    State s = data();
    s.scrubDisabled = !s.scrubDisabled;
    writeSetting("Controls", "disableScrubInView", SettingsValue.Bool(s.scrubDisabled));
    displayIt("Scrub in view %s" % (if s.scrubDisabled then "OFF" else "ON"));
}

\: toggleClickToPlayDisabled (void; Event event)
{
    State s = data();
    s.clickToPlayDisabled = !s.clickToPlayDisabled;
    writeSetting("Controls", "disableClickToPlay", SettingsValue.Bool(s.clickToPlayDisabled));
    displayIt("Click to play %s" % (if s.clickToPlayDisabled then "OFF" else "ON"));
}

\: toggleLockResizeScale (void; Event event)
{
    State s = data();
    s.lockResizeScale = !s.lockResizeScale;
    writeSetting("View", "lockResizeScale", SettingsValue.Bool(s.lockResizeScale));
}

\: toggleExpandWidth (void; Event event)
{
    expandWidth = !expandWidth;
    writeSetting("View", "expandWidth", SettingsValue.Bool(expandWidth));
}

\: toggleVCRButtons (void;)
{
    print("WARNING: VCR controls are now part of the timeline, use the right-click\n"
          + " menu on the timeline to turn on/off VCR controls.\n");
}

// -- values ---------------------------------------------------------------------------------

\: setBitDepthFunc (VoidFunc; int depth)
{
    \: (void;) { setIntProperty("#RVFormat.color.maxBitDepth", int[] {depth}); reload(); };
}

\: setImageResolution (VoidFunc; float res)
{
    \: (void;) { setFloatProperty("#RVFormat.geometry.scale", float[] {res}); reload(); };
}

\: setRes (void; string text)
{
    setFloatProperty("#RVFormat.geometry.scale", float[] {float(text)});
    redraw();
}

\: setColorSpaceAttr (VoidFunc; string attr, string value)
{
    \: (void;)
    {
        for_each (node; sourcesAtFrame(frame()))
        {
            let name = "%s.attributes.ColorSpace/%s" % (node, attr),
                there = propertyExists(name);

            if (value == "From Image")
            {
                if (there) deleteProperty(name);
            }
            else
            {
                if (!there) newProperty(name, StringType, 1);
                setStringProperty(name, string[] {value}, true);
            }
        }

        reload();
    };
}

\: setDither (void; Event event, int bits)
{
    setIntProperty(displayProperty("color.dither"), int[] {bits}, true);
    redraw();
}

\: setDispGamma (void; string v)
{
    setFloatProperty("@RVDisplayColor.color.gamma", float[] {float(v)});
    setIntProperty("@RVDisplayColor.color.Rec709", int[] {0});
    setIntProperty("@RVDisplayColor.color.sRGB", int[] {0});
}

\: setFileGamma (void; string v)
{
    try
    {
        setFloatProperty("#RVLinearize.color.fileGamma", float[] {float(v)});
        setIntProperty("#RVLinearize.color.logtype", int[] {0});
        setIntProperty("#RVLinearize.color.sRGB2linear", int[] {0});
        setIntProperty("#RVLinearize.color.Rec709ToLinear", int[] {0});
    }
    catch (exception exc)
    {
        displayFeedback("Unable to set file gamma: %s" % string(exc));
    }
}

\: setChanMap (void; string v)
{
    let channels = string.split(v, ", "),
        name = "#RVChannelMap.format.channels";

    if (!contentsEqual(getStringProperty(name), channels))
    {
        setStringProperty(name, channels, true);
        setIntProperty("#RVSource.request.readAllChannels", int[] {1}, true);
        reload();
    }
}

\: setRangeOffsetValue (void; string v)
{
    if (v != "")
    {
        setIntProperty("#RVSource.group.rangeOffset", int[] {int(v)});
        displayFeedback("Range Offset: " + v);
    }

    redraw();
}

\: setOrderValue (void; string order)
{
    setStringProperty(displayProperty("color.channelOrder"), string[] {order});
    redraw();
}

\: setPixaValue (void; string v)
{
    if (v != "") setFloatProperty("#RVLensWarp.warp.pixelAspectRatio", float[] {float(v)});
    redraw();
}

\: setFPSValue (void; string v)
{
    if (v != "") setFPS(float(v));
    redraw();
}

\: setSourceFPSValue (void; string v)
{
    if (v != "") setFloatProperty("#RVSource.group.fps", float[] {float(v)});
    redraw();
}

\: setMatteValue (void; string v)
{
    let f = rvui.setMatte(float(v));
    f();
}

\: setMatteOpacityValue (void; string v)
{
    let f = rvui.setMatteOpacity(float(v));
    f();
}

\: setToRenderer ((void;Event); string type)
{
    \: (void; Event ev) { setRendererType(type); redraw(); };
}

\: setSession ((void;Event); int type)
{
    \: (void; Event ev) { setSessionType(type); redraw(); };
}

\: addToClosestSource (void; string file, string tag)
{
    let found = sourcesAtFrame(frame());
    if (found.size() > 0) addToSource(found[0], file, tag);
}

// -- prompts --------------------------------------------------------------------------------

\: fpsPrompt (string;) { "FPS [%g]: " % fps(); }

\: sourceFpsPrompt (string;)
{
    "Source FPS [%g]: " % getFloatProperty("#RVSource.group.fps").front();
}

\: resPrompt (string;)
{
    "Image Playback Resolution [%g]: " % getFloatProperty("#RVFormat.geometry.scale").front();
}

\: dispGammaPrompt (string;)
{
    "Display Gamma Correction [%g]: " % getFloatProperty("@RVDisplayColor.color.gamma").front();
}

\: fileGammaPrompt (string;)
{
    float g = 1.0;
    try { g = getFloatProperty("#RVLinearize.color.fileGamma").front(); }
    catch (...) { displayFeedback("Unable to access file gamma"); }
    "File Gamma Correction [%g]: " % g;
}

\: pixaPrompt (string;)
{
    float a = 1.0;
    try { a = getFloatProperty("#RVLensWarp.warp.pixelAspectRatio").front(); }
    catch (...) { displayFeedback("Unable to access pixel aspect"); }
    "Pixel Aspect Ratio [%g]: " % a;
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

\: killAllText (void; Event event) { State s = data(); s.text = ""; redraw(); }

\: backwardDeleteChar (void; Event event)
{
    State s = data();
    s.text = if s.text.size() <= 1 then "" else s.text.substr(0, s.text.size() - 1);
    redraw();
}

\: selfInsert (void; Event event)
{
    State s = data();
    s.text += string(char(event.key()));
    redraw();
}

\: commitEntry (void; Event event)
{
    State s = data();
    popEventTable("textentry");
    try { if (s.text != "" || s.textOkWhenEmpty) s.textFunc(s.text); } catch (...) {;}
    s.textEntry = false;
    redraw();
}

\: cancelEntry (void; Event event)
{
    State s = data();
    s.textEntry = false;
    popEventTable("textentry");
    displayIt("Cancelled");
}

\: ignoreEntry (void; Event event) {;}

// -- frames, views, sessions ----------------------------------------------------------------

\: setInOutMarkedRangeAtFrame (void; int f)
{
    let (start, end) = markedBoundariesAroundFrame(f),
        playing = isPlaying() || isBuffering();
    if (playing) stop();
    setInPoint(start);
    setOutPoint(end - 1);
    setFrame(start);
    if (playing) play();
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
    let target = tmpSessionCopyName();
    saveSession(target, true, true);
    newSession(string[] {target});
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
    let message = if s.unsavedChanges then "You have unsaved changes" else s.getQuitMessage();
    if (message eq nil) return true;
    if (alertPanel(true, WarningAlert, message, nil, "Don't Quit", "Quit", nil) != 1) return false;
    s.clearQuitMessages();
    s.unsavedChanges = false;
    return true;
}

\: queryClose (void; Event ev) { if (checkIfCloseOK()) close(); }

\: sessionDeletionHandler (void; Event event)
{
    event.reject();
    if (!checkIfCloseOK()) event.setReturnContent("not OK");
}

\: lockWarning (void; Event ev, string msg) { displayFeedback("WARNING: %s" % msg, 2.0); redraw(); }

\: nudge (EventFunc; float x, float y, float z)
{
    \: (void; Event ev)
    {
        let trans = "#RVDispTransform2D.transform.translate",
            scale = "#RVDispTransform2D.transform.scale",
            t = getFloatProperty(trans),
            s = getFloatProperty(scale);
        setFloatProperty(trans, float[] {t[0] + x, t[1] + y});
        setFloatProperty(scale, float[] {s[0] * z, s[1] * z});
        redraw();
    };
}

\: windowActivate (void;)
{
    State s = data();
    s.dragDropOccuring = false;
    setActiveState();
}

\: pointerEnterSession (void;)
{
    State s = data();
    s.pointerInSession = true;
    setActiveState();
}

\: pointerLeaveSession (void;)
{
    State s = data();
    s.pointerInSession = false;
    s.dragDropOccuring = false;
    setActiveState();
}

\: ddNoop (void; int a, string b) {;}

\: updateStateFromPrefs (void; State s)
{
    let SettingsValue.Bool scrub = readSetting("Controls", "disableScrubInView",
                                               SettingsValue.Bool(false)),
        SettingsValue.Bool click = readSetting("Controls", "disableClickToPlay",
                                               SettingsValue.Bool(false));
    s.scrubDisabled = scrub;
    s.clickToPlayDisabled = click;
}

\: updateFromPrefs (void; Event event)
{
    event.reject();
    State s = data();
    updateStateFromPrefs(s);
}

documentation: "Functions that RV calls while it draws; kept, and never called here.";
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

// -- drawing: nothing to do -----------------------------------------------------------------

\: setupProjection (void; int w, int h, bool vflip = false) {;}
\: setupProjection (void; Event event) {;}
\: drawFeedback (void; Event event) {;}
\: drawTextEntry (void; Event event) {;}
\: drawIncomplete (bool; Event event) { false; }
\: drawError (void; Event event) {;}
\: cacheProgressGlyph (void; bool outline) {;}
\: audioCacheProgressGlyph (void; bool outline) {;}
\: loadingProgressGlyph (void; bool outline) {;}
\: layout (void; Event event) {;}
\: render (void; Event event) { event.reject(); }
\: renderOutputDevice (void; Event event) { event.reject(); }
\: preRender (void; Event event) { event.reject(); }
}
