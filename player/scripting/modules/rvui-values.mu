// Handlers that packages bind to keys: modes for values, and lines that ask for one.

module: rvui {
use commands;
use rvtypes;
use extra_commands;
use glyph;
require math;

// A frame of the source under the pointer, in seconds.
\: frameTimeLocal (float;)
{
    State s = data();
    float rate = fps();

    if (s.pixelInfo neq nil && !s.pixelInfo.empty())
    {
        let media = s.pixelInfo.front().name;
        try { if (media != "") rate = sourceMediaInfo(media.split(".").front(), nil).fps; }
        catch (...) {;}
    }

    return 1.0 / rate;
}

\: _hundredth (float;) { 0.01; }
\: _eyes (EventFunc; string property)
{
    startParameterMode(property, 0.05, 0.0, -float.max, _hundredth, 0.01);
}

global EventFunc gammaMode = startParameterMode("#RVColor.color.gamma", 4.0, 1.0, 0.0);
global EventFunc exposureMode = startParameterMode("#RVColor.color.exposure", 4.0, 0.0);
global EventFunc colorOffsetMode = startParameterMode("#RVColor.color.offset", 1.0, 0.0);
global EventFunc brightnessMode = startParameterMode("@RVDisplayColor.color.brightness", 4.0, 0.0);
global EventFunc saturationMode = startParameterMode("#RVColor.color.saturation", 2.0, 1.0, 0.0);
global EventFunc hueMode = startParameterMode("#RVColor.color.hue", math.pi, 0.0);
global EventFunc contrastMode = startParameterMode("#RVColor.color.contrast", 0.4, 0.0);
global EventFunc rotateMode = startParameterMode("#RVTransform2D.transform.rotate", 25.0, 0.0);

global EventFunc globalVolumeMode = startParameterMode("#RVSoundTrack.audio.volume", 1.0, 1.0, 0.0);
global EventFunc globalBalanceMode = startParameterMode("#RVSoundTrack.audio.balance", 0.75, 0.0);
global EventFunc globalAudioOffsetMode =
    startParameterMode("#RVSoundTrack.audio.offset", 0.25, 0.0);
global EventFunc globalAudioOffsetFramesMode =
    startParameterMode("#RVSoundTrack.audio.offset", 0.5, 0.0, -float.max, frameTimeGlobal);
global EventFunc sourceAudioOffsetMode =
    startParameterMode("#RVSource.group.audioOffset", 0.25, 0.0);
global EventFunc sourceAudioOffsetFramesMode =
    startParameterMode("#RVSource.group.audioOffset", 0.5, 0.0, -float.max, frameTimeLocal);
global EventFunc sourceVolumeMode = startParameterMode("#RVSource.group.volume", 1.0, 1.0, 0.0);
global EventFunc sourceBalanceMode = startParameterMode("#RVSource.group.balance", 0.75, 0.0);

global EventFunc stereoOffsetMode = _eyes("@RVDisplayStereo.stereo.relativeOffset");
global EventFunc stereoROffsetMode = _eyes("@RVDisplayStereo.stereo.rightOffset");
global EventFunc sourceStereoOffsetMode = _eyes("#RVSourceStereo.stereo.relativeOffset");
global EventFunc sourceStereoROffsetMode = _eyes("#RVSourceStereo.stereo.rightOffset");

\: mattePrompt (string;) { State s = data(); asking("Matte Aspect Ratio", s.matteAspect); }
\: matteOpacityPrompt (string;) { State s = data(); asking("Matte Opacity", s.matteOpacity); }
\: _rangePrompt (string;) { "Range Offset: "; }

global EventFunc enterFrame = startTextEntryMode(\: (string;) { "Go To Frame: "; }, gotoFrame);
global EventFunc enterParam = startTextEntryMode(paramPrompt, setParamValue);
global EventFunc enterOrder = startTextEntryMode(orderPrompt, setOrderValue);
global EventFunc enterFPS = startTextEntryMode(fpsPrompt, setFPSValue);
global EventFunc enterSourceFPS = startTextEntryMode(sourceFpsPrompt, setSourceFPSValue);
global EventFunc enterPixAspect = startTextEntryMode(pixaPrompt, setPixaValue);
global EventFunc enterMatte = startTextEntryMode(mattePrompt, setMatteValue);
global EventFunc enterRes = startTextEntryMode(resPrompt, setRes);
global EventFunc enterChanMap = startTextEntryMode(chanMapPrompt, setChanMap);
global EventFunc enterDispGamma = startTextEntryMode(dispGammaPrompt, setDispGamma);
global EventFunc enterFileGamma = startTextEntryMode(fileGammaPrompt, setFileGamma);
global EventFunc enterMatteOpacity = startTextEntryMode(matteOpacityPrompt, setMatteOpacityValue);

documentation: "Ask for an offset of the source's frames; the old one is there to be changed.";
\: setRangeOffset (void; Event event)
{
    let ask = startTextEntryMode(_rangePrompt, setRangeOffsetValue, true);
    ask(event);
    State s = data();
    if (s.text == "") s.text = string(getIntProperty("#RVSource.group.rangeOffset").front());
    redraw();
}

documentation: "Show the prompt with a colon behind it.";
\: setPrompt (void;)
{
    State s = data();
    s.prompt = "%s: " % s.prompt;
    displayIt("");
}

documentation: "What is edited: its channel, its name, and the channel's glyph (none without a window).";
\: paramFeedbackData ((int, string, Glyph);)
{
    let asked = paramPrompt(),
        name = asked.substr(4, asked.size() - 6),  // "Set NAME: "
        colours = string[] {"red", "green", "blue"};
    Glyph none = nil;
    int channel = -1;
    for_index (i; colours) if (name.split(" ").front() == colours[i]) channel = i;
    return (channel, name, none);
}

\: _leaveTable (void; string table, string message)
{
    popEventTable(table);
    displayIt(message);
}

\: releaseNudge (void; Event event) { _leaveTable("nudge", "Nudge Keys Off"); }
\: releaseStereo (void; Event event) { _leaveTable("stereo", "Stereo Keys Off"); }

// A disc of a colour in front of what was switched to; drawn where there is a window.
\: _disc (Glyph; float r, float g, float b)
{
    xformedGlyph(coloredGlyph(circleGlyph, Color(r, g, b, 1)), 0, 1.5);
}

global (string, Glyph)[] showChannelGlyphs =
{
    ("Color Display", xformedGlyph(rgbGlyph, 0, 1.5)),
    ("Red Channel", _disc(1, 0, 0)),
    ("Green Channel", _disc(0, 1, 0)),
    ("Blue Channel", _disc(0, 0, 1)),
    ("Alpha Channel", _disc(0.5, 0.5, 0.5)),
    ("Luminance Display", _disc(0.75, 0.75, 0.75))
};
}
