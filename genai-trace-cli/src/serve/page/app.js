// The page of the viewer.
