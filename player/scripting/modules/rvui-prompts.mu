// What the user is asked for.

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
}
