// What menus show: (int;) functions, and functions that make them.

module: rvui {
require system;
use commands;
use rvtypes;
use extra_commands;

\: makeStateFunc (MenuStateFunc; BoolFunc f)
{
    \: (int;) { if f() then CheckedMenuState else UncheckedMenuState; };
}

\: checkedIf (int; bool yes) { if yes then CheckedMenuState else UncheckedMenuState; }
\: neutralIf (int; bool yes) { if yes then NeutralMenuState else DisabledMenuState; }
\: enabledIf (int; bool yes) { if yes then UncheckedMenuState else DisabledMenuState; }

documentation: "A state that is disabled when it cannot be told.";
\: tellable (MenuStateFunc; BoolFunc f)
{
    \: (int;)
    {
        int state = DisabledMenuState;
        try { state = checkedIf(f()); } catch (...) {;}
        state;
    };
}

\: intIs (MenuStateFunc; string name, int value)
{
    tellable(\: (bool;) { getIntProperty(name).front() == value; });
}

\: floatIs (MenuStateFunc; string name, float value)
{
    tellable(\: (bool;) { getFloatProperty(name).front() == value; });
}

documentation: "A property of the display node, OCIO's when there is one.";
\: displayProperty (string; string name)
{
    let ocio = "@OCIODisplay." + name;
    if propertyExists(ocio) then ocio else "@RVDisplayColor." + name;
}

\: alphaTypeState (MenuStateFunc; int alphaType)
{
    intIs("#RVLinearize.color.alphaType", alphaType);
}

\: aspectState (MenuStateFunc; float a) { floatIs("#RVLensWarp.warp.pixelAspectRatio", a); }
\: imageResState (MenuStateFunc; float res) { floatIs("#RVFormat.geometry.scale", res); }
\: bitDepthState (MenuStateFunc; int depth) { intIs("#RVFormat.color.maxBitDepth", depth); }

\: rotateState (MenuStateFunc; float deg, string prop = "#RVTransform2D.transform.rotate")
{
    floatIs(prop, deg);
}

\: toggleIntPropState (MenuStateFunc; string name)
{
    tellable(\: (bool;) { getIntProperty(name).front() != 0; });
}

\: channelState (MenuStateFunc; int ch)
{
    tellable(\: (bool;) { getIntProperty(displayProperty("color.channelFlood")).front() == ch; });
}

\: channelOrderState (MenuStateFunc; string order)
{
    tellable(\: (bool;)
    {
        getStringProperty(displayProperty("color.channelOrder")).front() == order;
    });
}

\: testDither ((int;); int bits)
{
    tellable(\: (bool;) { getIntProperty(displayProperty("color.dither")).front() == bits; });
}

\: testBGPattern ((int;); string bgmethod) { tellable(\: (bool;) { bgMethod() == bgmethod; }); }

\: lutState (MenuStateFunc; string name, string lutType, string kind)
{
    let node = if lutType == "Display" then "@RVDisplayColor"
               else if kind == "Luminance" then "#RVColor" else "#RVLinearize",
        comp = if kind == "Luminance" then "luminanceLUT" else "lut";

    tellable(\: (bool;)
    {
        getIntProperty("%s.%s.active" % (node, comp)).front() != 0
            && (name == "" || getStringProperty("%s.%s.name" % (node, comp)).front() == name);
    });
}

\: fileLUTState (MenuStateFunc; string name) { lutState(name, "Color", "File"); }
\: luminanceLUTState (MenuStateFunc; string name) { lutState(name, "Color", "Luminance"); }
\: displayLUTState (MenuStateFunc; string name) { lutState(name, "Display", "LUT"); }

\: dispGammaState (int;)
{
    let f = tellable(\: (bool;)
    {
        let g = getFloatProperty("@RVDisplayColor.color.gamma").front();
        g != 1.0 && g != 2.2 && g != 2.4;
    });
    f();
}

\: fileGammaState (int;)
{
    int state = DisabledMenuState;

    try
    {
        let g = getFloatProperty("#RVLinearize.color.fileGamma").front();

        if (getIntProperty("#RVLinearize.color.active").front() != 0)
        {
            state = checkedIf(g != 1.0 && g != 2.2);
        }
    }
    catch (...) {;}

    state;
}

\: isNormalizingColor (int;)
{
    let f = tellable(\: (bool;)
    {
        getIntProperty("#RVColor.color.normalize").front() == 1
            && getIntProperty("#RVHistogram.node.active").front() == 1;
    });
    f();
}

// -- sources and playback -------------------------------------------------------------------

\: inactiveState (int;) { DisabledMenuState; }
\: frameState (int;) { NeutralMenuState; }
\: eyeOffsetState (int;) { NeutralMenuState; }
\: displayProfilesState (int;) { NeutralMenuState; }
\: sourcesExistState (int;) { neutralIf(sources().size() > 0); }
\: singleSourceState (int;) { neutralIf(sourcesRendered().size() == 1); }

\: videoSourcesExistState (int;)
{
    bool found = false;
    for_each (s; sources()) if (s._6) found = true;
    neutralIf(found);
}

\: videoSourcesExistAndExportOKState (int;)
{
    if (system.getenv("RV_NO_MOVIE_EXPORT", nil) neq nil) return DisabledMenuState;
    return videoSourcesExistState();
}

\: videoSourcesAndNodeExistState (MenuStateFunc; string nodeType)
{
    \: (int;)
    {
        if (nodeType != "" && closestNodesOfType(nodeType).size() == 0) return DisabledMenuState;
        return videoSourcesExistState();
    };
}

\: matchesColorSpaceAttr (MenuStateFunc; string attr, string value)
{
    \: (int;)
    {
        let name = "#RVFileSource.attributes.ColorSpace/%s" % attr,
            there = videoSourcesAndNodeExistState("RVFileSource");
        if (there() == DisabledMenuState) return DisabledMenuState;

        try
        {
            if (!propertyExists(name)) return checkedIf(value == "From Image");
            return checkedIf(getStringProperty(name).front() == value);
        }
        catch (...) {;}

        return DisabledMenuState;
    };
}

\: rangeState (int;) { neutralIf(isPlayable()); }
\: sequenceState (int;) { neutralIf(sequenceBoundaries().size() > 1); }
\: hasMarksState (int;) { neutralIf(!markedFrames().empty()); }

\: playableAnd (int; bool yes) { if isPlayable() then checkedIf(yes) else DisabledMenuState; }
\: forwardState (int;) { playableAnd(inc() > 0); }
\: backwardState (int;) { playableAnd(inc() < 0); }
\: pingPongState (int;) { playableAnd(playMode() == PlayPingPong); }
\: playOnceState (int;) { playableAnd(playMode() == PlayOnce); }
\: realtimeState (int;) { playableAnd(!isRealtime()); }
\: cachingState (int;) { playableAnd(isCaching()); }
\: playState (int;) { if isPlaying() then CheckedMenuState else playableAnd(false); }

\: markedState (int;)
{
    bool found = false;
    for_each (f; markedFrames()) if (f == frame()) found = true;
    playableAnd(found);
}

\: cacheStateFunc ((int;); int mode) { \: (int;) { checkedIf(cacheMode() == mode); }; }
\: filterState (int;) { checkedIf(getFiltering() == gl.GL_LINEAR); }

\: networkAvailable (int;) { enabledIf(remoteNetworkStatus() == NetworkStatusOn); }

// -- views ----------------------------------------------------------------------------------

\: viewNodeState ((int;); string name) { \: (int;) { checkedIf(viewNode() == name); }; }
\: isSessionMode ((int;); int type) { \: (int;) { checkedIf(getSessionType() == type); }; }
\: isSetToRenderer ((int;); string type) { \: (int;) { checkedIf(getRendererType() == type); }; }

\: isStackMode (int;)
{
    let kind = nodeType(viewNode());
    enabledIf(kind == "RVStackGroup" || kind == "RVLayoutGroup");
}

\: isCompositeMode ((int;); string type)
{
    \: (int;) { checkedIf(getStringProperty("#RVStack.composite.type").front() == type); };
}

\: isStackAndCompMode ((int;); string type)
{
    \: (int;)
    {
        checkedIf(viewNode() == "defaultStack"
                  && getStringProperty("defaultStack_stack.composite.type").front() == type);
    };
}

\: stereoType (string;) { getStringProperty("@RVDisplayStereo.stereo.type").front(); }

\: isStereo ((int;); string type)
{
    \: (int;)
    {
        let now = stereoType(),
            possible = type != "hardware" || stereoSupported();

        if type == "any" then enabledIf(presentationMode() || now != "off")
            else if possible then checkedIf(now == type)
            else DisabledMenuState;
    };
}

documentation: "Whether an integer property is set; one that is not there is not.";
\: flagged (bool; string prop)
{
    bool yes = false;
    try { yes = getIntProperty(prop).front() != 0; } catch (...) {;}
    yes;
}

documentation: "Whether stereo may be seen: a presentation device has a type of its own.";
\: stereoSeen (bool;)
{
    bool yes = presentationMode();
    try { yes = yes || stereoType() != "off"; } catch (...) {;}
    yes;
}

\: propToggledAndStereoOnState ((int;); string prop)
{
    \: (int;) { if stereoSeen() then checkedIf(flagged(prop)) else DisabledMenuState; };
}

\: newSessionState (int;) { enabledIf(!presentationMode()); }

\: presentationModeState (int;)
{
    if presentationMode() then CheckedMenuState else enabledIf(sessionNames().size() <= 1);
}

\: evaluates (bool; string type) { metaEvaluateClosestByType(frame(), type).size() > 0; }

\: checkForDisplayColor (MenuStateFunc;) { \: (int;) { enabledIf(evaluates("RVDisplayColor")); }; }

\: checkForDisplayNode (MenuStateFunc;)
{
    \: (int;) { enabledIf(evaluates("OCIODisplay") || evaluates("RVDisplayColor")); };
}

\: isOtioEnabled (bool;) { sendInternalEvent("otio-import-enabled") != ""; }

\: checkForOTIOFile (MenuStateFunc;) { \: (int;) { enabledIf(isOtioEnabled()); }; }

\: canExportOTIOState (int;)
{
    let kind = if viewNode() neq nil then nodeType(viewNode()) else "";
    neutralIf((kind == "RVStackGroup" || kind == "RVSequenceGroup" || kind == "RVSourceGroup")
              && isOtioEnabled());
}

// -- what the window shows ------------------------------------------------------------------

\: consoleState (int;) { checkedIf(isConsoleVisible()); }
\: menuBarShown (int;) { checkedIf(isMenuBarVisible()); }
\: botTBShown (int;) { checkedIf(isBottomViewToolbarVisible()); }
\: topTBShown (int;) { checkedIf(isTopViewToolbarVisible()); }

\: widgetShown (int; string mode) { checkedIf(isModeActive(mode)); }

\: ifSources (int; string mode)
{
    if sources().empty() then DisabledMenuState else widgetShown(mode);
}

\: timelineShown (int;) { widgetShown("timeline"); }
\: motionScopeShown (int;) { widgetShown("motionScope"); }
\: processInfoShown (int;) { widgetShown("processinfo"); }
\: colorInspectorShown (int;) { ifSources("inspector"); }
\: infoStripShown (int;) { ifSources("infoStrip"); }
\: sourceDetailsShown (int;) { ifSources("sourcedetails"); }
\: infoShown (int;) { ifSources("imageinfo"); }

\: wipeShown (int;)
{
    let view = viewNode();
    if (view eq nil || nodeType(view) != "RVStackGroup") return DisabledMenuState;
    ifSources("wipe");
}

\: scrubAudioState (int;) { State s = data(); checkedIf(s.scrubAudio); }
\: scrubDisabledState (int;) { State s = data(); checkedIf(s.scrubDisabled); }
\: clickToPlayDisabledState (int;) { State s = data(); checkedIf(s.clickToPlayDisabled); }
\: lockResizeScaleState (int;) { State s = data(); checkedIf(s.lockResizeScale); }
\: isExpandedWidth (int;) { checkedIf(expandWidth); }

\: matteAspectState (MenuStateFunc; float maspect)
{
    \: (int;)
    {
        State s = data();
        let a = s.matteAspect;
        if (!s.showMatte) return checkedIf(maspect == 0.0);
        if (maspect == -1.0)
        {
            return checkedIf(a != 0.0 && a != 1.33 && a != 1.66 && a != 1.77 && a != 1.85
                             && a != 2.35 && a != 2.40);
        }
        return checkedIf(a == maspect);
    };
}

\: matteOpacityState (MenuStateFunc; float mop)
{
    \: (int;)
    {
        State s = data();
        let o = s.matteOpacity;
        if (mop == -1.0) return checkedIf(o != 0.33 && o != 0.66 && o != 1.0);
        return checkedIf(o == mop);
    };
}

\: hasDispConversion (MenuStateFunc; string value)
{
    // what the three properties are when this conversion alone is on
    let (sRGB, rec709, gamma) = if value == "sRGB" then (1, 0, 1.0)
                                else if value == "Rec709" then (0, 1, 1.0)
                                else if value == "Gamma 2.2" then (0, 0, 2.2)
                                else if value == "Gamma 2.4" then (0, 0, 2.4)
                                else (0, 0, 1.0);

    tellable(\: (bool;)
    {
        getIntProperty("@RVDisplayColor.color.sRGB").front() == sRGB
            && getIntProperty("@RVDisplayColor.color.Rec709").front() == rec709
            && getFloatProperty("@RVDisplayColor.color.gamma").front() == gamma;
    });
}
}
