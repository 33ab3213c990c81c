// What Nuke's half of RV's Nuke package asks of the player: the media of Read and Write nodes as
// sources, selection, and the port to connect to. The player does not render with Nuke.

module: rvnuke_mode {
use rvtypes;
use commands;
use extra_commands;
require io;
require rvui;

\: _mark (string; string node, string name)
{
    let path = "%s.nuke.%s" % (node, name);
    if propertyExists(path) then getStringProperty(path).front() else "";
}

\: _member (string; string group, string type)
{
    for_each (n; nodesInGroup(group))
    {
        if (nodeType(n) == type) return n;
        let inside = if nodeType(n) == "RVLinearizePipelineGroup" then _member(n, type) else nil;
        if (inside neq nil) return inside;
    }
    nil;
}

// Nuke's names of colour spaces: log type, sRGB, Rec. 709 and gamma of the linearization.
\: _space ((int, int, int, float); string name)
{
    if name == "linear" then (0, 0, 0, 1.0)
    else if name == "sRGB" then (0, 1, 0, 1.0)
    else if name == "rec709" then (0, 0, 1, 1.0)
    else if name == "Gamma1.8" then (0, 0, 0, 1.8)
    else if name == "Gamma2.2" then (0, 0, 0, 2.2)
    else if name == "Cineon" then (1, 0, 0, 1.0)
    else if name == "ViperLog" then (2, 0, 0, 1.0)
    else if name == "ALEXA LogC" then (3, 0, 0, 1.0)
    else if name == "ALEXA LogC Film" then (4, 0, 0, 1.0)
    else if name == "RedLog" then (6, 0, 0, 1.0)
    else if name == "RedLogFilm" then (7, 0, 0, 1.0)
    else nil;
}

class: NukeMode : MinorMode
{
    string _folder;         // Nuke's session directory; empty before Nuke said it
    int _protocol;

    method: NukeMode (NukeMode; string name)
    {
        init(name, nil, nil, nil);
        _protocol = 115;
        _folder = "";
        tellPort(commandLineFlag("rvnukePortFile", nil));
    }

    method: tellPort (void; string file)
    {
        if (file eq nil) return;
        remoteNetwork(true);

        try
        {
            let out = io.ofstream(file);
            io.print(out, "%d\n" % myNetworkPort());
            out.close();
        }
        catch (...) { print("ERROR: failed to write rvnukePortFile '%s'.\n" % file); }
    }

    method: initFromNuke (void; string folder, int protocol, string program)
    {
        if (protocol != _protocol)
        {
            print("ERROR: Nuke's files are of protocol %d, these of %d\n" % (protocol, _protocol));
            return;
        }
        if (folder == _folder) return;
        _folder = folder;
        if (sources().size() != 0) rvui.clearEverything();
        set("defaultSequence.nuke.sessionDir", folder);
        set("defaultSequence.nuke.exePath", program);
        redraw();
    }

    // The source of a node, of the first of the kinds that has one.
    method: find (string; string[] kinds, string node)
    {
        for_each (kind; kinds)
        {
            for_each (s; nodesOfType("RVSourceGroup"))
            {
                if (_mark(s, "type") == kind && _mark(s, "node") == node) return s;
            }
        }
        nil;
    }

    // Media that cannot be opened are colour bars at the node's first frame.
    method: open (string; string media, string bars)
    {
        string source = nil;
        try { source = addSourceVerbose(string[] {media}); }
        catch (...)
        {
            print("WARNING: failed to add media '%s'\n" % media);
            source = addSourceVerbose(string[] {bars});
        }
        nodeGroup(source);
    }

    method: place (void; string group)
    {
        string folder = nil;
        for_each (f; nodesOfType("RVFolderGroup")) if (_mark(f, "type") == "input") folder = f;
        if (folder eq nil)
        {
            folder = newNode("RVFolderGroup", "FolderGroup000000");
            setUIName(folder, "Read/Write Nodes");
            set(folder + ".mode.viewType", "layout");
            set(folder + ".nuke.type", "input");
        }
        let inside = nodeConnections(folder, false)._0;
        for_each (i; inside) if (i == group) return;
        inside.push_back(group);
        setNodeInputs(folder, inside);
    }

    method: describe (void; string group, string node, string kind, string space, int first,
                      int last, string label, int offset)
    {
        let file = _member(group, "RVFileSource"),
            linear = _member(group, "RVLinearize"),
            values = _space(space);

        set(file + ".cut.in", first);
        set(file + ".cut.out", last);
        set(file + ".group.rangeOffset", offset);
        set(group + ".nuke.node", node);
        set(group + ".nuke.type", kind);
        set(group + ".nuke.label", label);
        let line = regex.replace("\n", label, " "),
            shown = if line == "" then node
                    else if line.size() < 26 then line else line.substr(0, 22) + " ...";
        let title = "%s (%s)" % (shown, if kind == "input" then "read" else "write");
        if (uiName(group) != title) setUIName(group, title);

        if (values neq nil && linear neq nil)
        {
            set(linear + ".color.logtype", values._0);
            set(linear + ".color.sRGB2linear", values._1);
            set(linear + ".color.Rec709ToLinear", values._2);
            set(linear + ".color.fileGamma", values._3);
        }
        sendInternalEvent("rvnuke-after-source-color-update", group);
    }

    method: viewReadNodes (void; string[] nodes, string[] media, string[] spaces, int[] firsts,
                           int[] lasts, string[] labels, string[] classes, int[] offsets)
    {
        if (_folder == "") return;
        let before = frame();
        string added = nil;

        for_index (i; nodes)
        {
            let kind = if classes[i] == "Read" then "input" else "output",
                path = if regex.match("##", media[i]) then regex.replace("#", media[i], "@")
                       else media[i],
                bars = "smptebars,start=%d,end=%d.movieproc" % (firsts[i], firsts[i]);
            string group = find(string[] {kind}, nodes[i]);

            if (group eq nil)
            {
                group = open(path, bars);
                added = group;
            }
            else
            {
                let file = _member(group, "RVFileSource"),
                    now = getStringProperty(file + ".media.movie");
                if (now.size() != 1 || now.front() != path)
                {
                    try { setSourceMedia(file, string[] {path}); }
                    catch (...)
                    {
                        print("WARNING: failed to add media '%s'\n" % path);
                        setSourceMedia(file, string[] {bars});
                    }
                }
            }
            describe(group, nodes[i], kind, spaces[i], firsts[i], lasts[i],
                     regex.replace("#NL#", labels[i], "\n"), offsets[i]);
            place(group);
        }
        if (added neq nil) setViewNode(added);
        setFrame(before);
        redraw();
    }

    method: removeObsoleteReads (void; string[] nodes)
    {
        let before = frame();
        for_each (s; nodesOfType("RVSourceGroup"))
        {
            let kind = _mark(s, "type");
            if (kind == "input" || kind == "output")
            {
                bool there = false;
                for_each (n; nodes) if (n == _mark(s, "node")) there = true;
                if (!there) deleteNode(s);
            }
        }
        setFrame(before);
        redraw();
    }

    method: selectCurrentByNodeName (void; string node)
    {
        let found = find(string[] {"current", "input", "output"}, node);
        if (found neq nil && found != viewNode())
        {
            setViewNode(found);
            redraw();
        }
    }

    method: initRenderRun (void; string node, int first, int last, int step, string audio,
                           float audioOffset, int checkpoint, string format, string label,
                           string date, string kind, string stereo)
    {
        print("WARNING: the player does not render with Nuke: nothing comes of '%s'\n" % node);
    }

    method: raiseMainWindow (void;) { redraw(); }
    method: exit (void;) { close(); }
}

\: createMode (Mode;) { NukeMode("rvnuke_mode"); }

\: theMode (NukeMode;)
{
    NukeMode found = rvui.minorModeFromName("rvnuke_mode");
    found;
}
}
