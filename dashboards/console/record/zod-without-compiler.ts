import { z } from "zod";

// The page's policy forbids eval; zod tries it otherwise, and the browser reports a breach.
z.config({ jitless: true });
