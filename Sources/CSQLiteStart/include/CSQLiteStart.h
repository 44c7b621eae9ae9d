// Nothing to call: what lies in start.c runs when the program is loaded. Swift imports it only to have it linked.
#pragma once
