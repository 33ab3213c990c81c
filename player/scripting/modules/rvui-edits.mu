// What menus and keys do to properties and settings.

module: rvui {
require io;
use commands;
use rvtypes;
use extra_commands;

\: displayIt (void; string text) { displayFeedback(text); redraw(); }

// What the functions of this module have in common.  Only forceInt may resize a property; which
// calls may is RV's choice, seen once a property has been given another size.

\: putInt (void; string name, int value) { setIntProperty(name, int[] {value}); }
\: putFloat (void; string name, float value) { setFloatProperty(name, float[] {value}); }
\: forceInt (void; string name, int value) { setIntProperty(name, int[] {value}, true); }
\: numberOf (float; string name) { getFloatProperty(name).front(); }

documentation: "Zero for several integers of one component.";
\: clearInts (void; string component, [string] names)
{
    for_each (name; names) putInt("%s.%s" % (component, name), 0);
}

\: unable (void; string what, exception reason)
{
    displayFeedback("Unable to %s: %s" % (what, string(reason)));
}

\: announce (void; string what, bool on)
{
    displayIt("%s %s" % (what, if on then "ON" else "OFF"));
}

documentation: "Change one channel of a property, or every channel when it is negative.";
\: changeChannels (void; string name, int channel, (float;float) change)
{
    try
    {
        let values = getFloatProperty(name),
            first = if channel < 0 then 0 else channel,
            last = if channel < 0 then values.size() - 1 else channel;
        for (int i = first; i <= last; i++) values[i] = change(values[i]);
        setFloatProperty(name, values);
    }
    catch (exception reason)
    {
        unable("fill property values", reason);
    }
}

\: fillProperty (string name, float value, int channel = -1)
{
    changeChannels(name, channel, \: (float; float old) { value; });
}

\: nudgeProperty (string name, float value, float delta, int channel = -1)
{
    changeChannels(name, channel, \: (float; float old) { old + delta; });
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
    bool same = a.size() == b.size();
    for (int i = 0; same && i < a.size(); i++) same = a[i] == b[i];
    same;
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
        forceInt(name, if on then 1 else 0);
        announce(what, on);
    }
    catch (...)
    {
        displayIt("No %s" % what);
    }
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
        let wanted = if isNormalizingColor() == CheckedMenuState then 0 else 1;
        // the histogram measures what the colour node then stretches
        for_each (name; ["#RVColor.color.normalize", "#RVHistogram.node.active"])
            forceInt(name, wanted);
        reload();
    }
    catch (exception reason)
    {
        unable("toggle normalize", reason);
    }
}

\: remember (void; string group, string name, bool on)
{
    writeSetting(group, name, SettingsValue.Bool(on));
}

\: toggleAudioScrub (void; Event event)
{
    State s = data();
    s.scrubAudio = !s.scrubAudio;
    setAudioCacheMode(if s.scrubAudio then CacheGreedy else CacheBuffer);
    announce("Scrub", s.scrubAudio);
}

\: toggleScrubDisabled (void; Event event)
{
    State s = data();
    s.scrubDisabled = !s.scrubDisabled;
    remember("Controls", "disableScrubInView", s.scrubDisabled);
    announce("Scrub in view", !s.scrubDisabled);
}

\: toggleClickToPlayDisabled (void; Event event)
{
    State s = data();
    s.clickToPlayDisabled = !s.clickToPlayDisabled;
    remember("Controls", "disableClickToPlay", s.clickToPlayDisabled);
    announce("Click to play", !s.clickToPlayDisabled);
}

\: toggleLockResizeScale (void; Event event)
{
    State s = data();
    s.lockResizeScale = !s.lockResizeScale;
    remember("View", "lockResizeScale", s.lockResizeScale);
}

\: toggleExpandWidth (void; Event event)
{
    let wide = !expandWidth;
    expandWidth = wide;
    remember("View", "expandWidth", wide);
}

\: toggleVCRButtons (void;)
{
    print("WARNING: VCR controls are now part of the timeline, use the right-click\n"
          + " menu on the timeline to turn on/off VCR controls.\n");
}

// -- values ---------------------------------------------------------------------------------

\: setBitDepthFunc (VoidFunc; int depth)
{
    \: (void;) { putInt("#RVFormat.color.maxBitDepth", depth); reload(); };
}

\: setImageResolution (VoidFunc; float res)
{
    \: (void;) { putFloat("#RVFormat.geometry.scale", res); reload(); };
}

\: setRes (void; string text) { putFloat("#RVFormat.geometry.scale", float(text)); redraw(); }

documentation: "Keep a property only while it says something other than the image does.";
\: overrideAttr (void; string name, string value)
{
    let there = propertyExists(name);

    if (value != "From Image")
    {
        if (!there) newProperty(name, StringType, 1);
        setStringProperty(name, string[] {value}, true);
    }
    else if (there) deleteProperty(name);
}

\: setColorSpaceAttr (VoidFunc; string attr, string value)
{
    \: (void;)
    {
        for_each (source; sourcesAtFrame(frame()))
            overrideAttr("%s.attributes.ColorSpace/%s" % (source, attr), value);
        reload();
    };
}

\: setDither (void; Event event, int bits)
{
    forceInt(displayProperty("color.dither"), bits);
    redraw();
}

// A gamma takes the place of the other transfer functions, which would be applied as well.

\: setDispGamma (void; string v)
{
    putFloat("@RVDisplayColor.color.gamma", float(v));
    clearInts("@RVDisplayColor.color", ["Rec709", "sRGB"]);
}

\: setFileGamma (void; string v)
{
    try
    {
        putFloat("#RVLinearize.color.fileGamma", float(v));
        clearInts("#RVLinearize.color", ["logtype", "sRGB2linear", "Rec709ToLinear"]);
    }
    catch (exception reason)
    {
        unable("set file gamma", reason);
    }
}

\: setChanMap (void; string v)
{
    let name = "#RVChannelMap.format.channels",
        wanted = string.split(v, ", ");
    if (contentsEqual(getStringProperty(name), wanted)) return;

    setStringProperty(name, wanted, true);
    // a channel that was never shown has not been read yet
    forceInt("#RVSource.request.readAllChannels", 1);
    reload();
}

\: setRangeOffsetValue (void; string v)
{
    if (v == "") { redraw(); return; }
    putInt("#RVSource.group.rangeOffset", int(v));
    displayIt("Range Offset: %s" % v);
}

\: setOrderValue (void; string order)
{
    setStringProperty(displayProperty("color.channelOrder"), string[] {order});
    redraw();
}

\: putTyped (void; string name, string text)
{
    if (text != "") putFloat(name, float(text));
    redraw();
}

\: setPixaValue (void; string v) { putTyped("#RVLensWarp.warp.pixelAspectRatio", v); }
\: setSourceFPSValue (void; string v) { putTyped("#RVSource.group.fps", v); }

\: setFPSValue (void; string v)
{
    if (v != "") setFPS(float(v));
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
}
