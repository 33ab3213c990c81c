// Tables made on the spot.

module: rvui {
use commands;
use rvtypes;
use extra_commands;
require math_util;

// The node and the component of a table: for "Color" the file's, or the one by luminance.
\: _tablePlace ((string,string); string target, string kind)
{
    let byLuminance = kind == "Luminance";
    string node = if target == "Display" then "@RVDisplayColor"
                  else if target != "Color" then nil
                  else if byLuminance then "#RVColor" else "#RVLinearize";
    return (node, if byLuminance then "luminanceLUT" else "lut");
}

documentation: "Put a table where it acts, and switch it on; three sizes make it a cube.";
\: setLUT (void; string target, float[] lut, string kind, string name, int xs, int ys = 0, int zs = 0)
{
    let (node, component) = _tablePlace(target, kind),
        place = "%s.%s." % (node, component),
        sizes = if target == "Color" then int[] {xs} else int[] {xs, ys, zs};

    try
    {
        setFloatProperty(place + "lut", lut, true);
        setStringProperty(place + "name", string[] {name});
        putInt(place + "active", 1);
        setIntProperty(place + "size", sizes);
        displayIt("Using %s %s %s LUT" % (name, target, kind));
    }
    catch (exception reason)
    {
        unable("set LUT for " + node, reason);
    }
}

// A table by luminance of n colours, which a function makes.
\: _luminanceTable (float[]; string name, int n, (Vec3;int) colour)
{
    float[] table;

    for (int i = 0; i < n; i++)
    {
        let c = colour(i);
        table.push_back(c.x);
        table.push_back(c.y);
        table.push_back(c.z);
    }

    setLUT("Color", table, "Luminance", name, n);
    return table;
}

documentation: "All hues, from the darkest to the lightest; black stays black.";
\: HSVLUT (void;)
{
    _luminanceTable("HSV", 256, \: (Vec3; int i)
    {
        if i == 0 then Vec3(0, 0, 0) else toRGB(Vec3(float(i) / 255.0, 1.0, 1.0));
    });
}

documentation: "Up to two dozen colours by chance; black stays black.";
\: randomLUT (void;)
{
    _luminanceTable("Random", math_util.random(25), \: (Vec3; int i)
    {
        let any = \: (float;) { if i == 0 then 0.0 else math_util.random(1.0); };
        Vec3(any(), any(), any());
    });
}

documentation: "Stripes of black and white, n of them.";
\: contourLUT ((void;); int n)
{
    \: (void;)
    {
        _luminanceTable("Contour %d" % n, n, \: (Vec3; int i) { Vec3(1, 1, 1) * float(i % 2); });
    };
}

documentation: "A cube that changes nothing.";
\: identityLUT (void; Event ev, int size)
{
    float[] cube;
    let last = float(size - 1);

    for (int i = 0; i < size * size * size; i++)
    {
        cube.push_back(float(i % size) / last);
        cube.push_back(float(i / size % size) / last);
        cube.push_back(float(i / size / size) / last);
    }

    setLUT("Display", cube, "Cube", "Identity %d" % size, size, size, size);
}

documentation: "Print the table that the display uses.";
\: outputLUT (void;)
{
    let table = getFloatProperty("@RVDisplayColor.lut:output.lut");
    print("lut size = %d\n" % (table.size() / 3));
    print("dimensions = %s\n" % getIntProperty("@RVDisplayColor.lut:output.size"));

    for (int i = 0; i + 2 < table.size(); i += 3)
    {
        print("%10.4f %10.4f %10.4f\n" % (table[i], table[i + 1], table[i + 2]));
    }
}
}
